public import ServiceKit

/// Every URL of Identity.
public let identityRoutes: [Route] =
  [
    Route(.post, "/api/auth/register", Register.self, success: 201, limit: .auth),
    Route(.post, "/api/auth/login", LogIn.self, limit: .auth),
    Route(.post, "/api/auth/refresh", RefreshSession.self, limit: .auth),
    Route(.post, "/api/auth/logout", LogOut.self),
    Route(.get, "/api/auth/me", ReadMe.self),
    Route(.get, "/.well-known/jwks.json", ReadSigningKeys.self),

    Route(.post, "/api/auth/send-otp", RequestCode.self, limit: .auth),
    Route(.post, "/api/auth/customer/request-otp", RequestCode.self, limit: .auth),
    Route(.post, "/api/auth/verify-otp", VerifyCode.self, limit: .auth),
    Route(.post, "/api/auth/customer/verify-otp", VerifyCode.self, limit: .auth),

    Route(.post, "/api/auth/staff/login", LogInStaff.self, limit: .auth),
    Route(.post, "/api/auth/staff/first-password", ReplaceFirstPassword.self, limit: .auth),

    Route(.get, "/api/auth/providers", ListSignInProviders.self),
    Route(.get, "/api/auth/safeguards", ReadSafeguards.self),
    Route(.post, "/api/auth/password", ChangePassword.self, limit: .auth),
    Route(.post, "/api/auth/forgot-password", RequestPasswordReset.self, success: 202, limit: .auth),
    Route(.post, "/api/auth/reset-password", ResetPassword.self, limit: .auth),

    Route(.post, "/api/auth/second-factor", BeginSecondFactor.self, limit: .auth),
    Route(.post, "/api/auth/second-factor/confirm", ConfirmSecondFactor.self, limit: .auth),
    Route(.post, "/api/auth/second-factor/drop", DropSecondFactor.self, limit: .auth)
  ] + externalRoutes + ownRoutes + staffRoutes + recordRoutes

private let externalRoutes: [Route] =
  ["/api/auth/google", "/api/auth/external/:provider"].map { path in
    Route(.get, path, BeginExternalSignIn.self, success: 302, limit: .auth)
  }
  + ["/api/auth/google/callback", "/api/auth/:provider/callback"].map { path in
    Route(.get, path, FinishExternalSignIn.self, headers: ["cookie": "cookies"], limit: .auth, isRedirecting: true)
  }

private let ownRoutes: [Route] = [
  Route(.get, "/api/users/profile", ReadMe.self),
  Route(.put, "/api/users/profile", UpdateProfile.self),
  Route(.patch, "/api/users/profile", UpdateProfile.self),
  Route(.get, "/api/users/addresses", ListAddresses.self),
  Route(.post, "/api/users/addresses", AddAddress.self, success: 201),
  Route(.put, "/api/users/addresses/:addressId", UpdateAddress.self),
  Route(.patch, "/api/users/addresses/:addressId", UpdateAddress.self),
  Route(.delete, "/api/users/addresses/:addressId", RemoveAddress.self),
  Route(.get, "/api/users/consents", ReadConsents.self),
  Route(.put, "/api/users/consents", ChangeConsent.self),
  Route(.post, "/api/users/erase", EraseMe.self, limit: .auth),
  Route(.get, "/api/auth/sessions", ListSessions.self),
  Route(.delete, "/api/auth/sessions", EndSessions.self),
  Route(.delete, "/api/auth/sessions/:sessionId", EndSession.self)
]

private let recordRoutes: [Route] =
  ["/api/audit", "/api/admin/audit"].flatMap { path in
    [Route(.get, path, ListAudit.self), Route(.get, "\(path).csv", ExportAudit.self)]
  } + [
    Route(.get, "/api/admin/users", ListUsers.self),
    Route(.patch, "/api/admin/users/:userId", UpdateUserStatus.self),
    Route(.put, "/api/admin/users/:userId", UpdateUserStatus.self),
    Route(.get, "/api/admin/users/:userId/sessions", ListUserSessions.self),
    Route(.delete, "/api/admin/users/:userId/sessions", EndUserSessions.self),
    Route(.delete, "/api/admin/users/:userId/sessions/:sessionId", EndUserSessions.self)
  ]

private let staffRoutes: [Route] = [
  Route(.post, "/api/tenants/:tenantId/staff", CreateStaff.self, success: 201),
  Route(.get, "/api/tenants/:tenantId/staff", ListStaff.self),
  Route(.patch, "/api/tenants/:tenantId/staff/:userId", UpdateStaff.self),
  Route(.put, "/api/tenants/:tenantId/staff/:userId", UpdateStaff.self),
  Route(.post, "/api/tenants/:tenantId/staff/:userId/password", ResetStaffPassword.self),
  Route(.post, "/api/tenants/:tenantId/api-keys", CreateApiKey.self, success: 201),
  Route(.get, "/api/tenants/:tenantId/api-keys", ListApiKeys.self),
  Route(.delete, "/api/tenants/:tenantId/api-keys/:keyId", RevokeApiKey.self)
]
