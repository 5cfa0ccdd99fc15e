public import ServiceKit

/// Every URL of Identity.
public let identityRoutes: [Route] = [
  Route(.post, "/api/auth/register", Register.self, success: 201),
  Route(.post, "/api/auth/login", LogIn.self),
  Route(.post, "/api/auth/refresh", RefreshSession.self),
  Route(.post, "/api/auth/logout", LogOut.self),
  Route(.get, "/api/auth/me", ReadMe.self),
  Route(.get, "/.well-known/jwks.json", ReadSigningKeys.self),
]
