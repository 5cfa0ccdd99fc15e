public import ServiceKit

/// Every URL of Identity.
public let identityRoutes: [Route] = [
  Route(.post, "/api/auth/register", Register.self, success: 201, limit: .auth),
  Route(.post, "/api/auth/login", LogIn.self, limit: .auth),
  Route(.post, "/api/auth/refresh", RefreshSession.self, limit: .auth),
  Route(.post, "/api/auth/logout", LogOut.self),
  Route(.get, "/api/auth/me", ReadMe.self),
  Route(.get, "/.well-known/jwks.json", ReadSigningKeys.self)
]
