public import Kernel
public import ServiceKit
public import Wire

public enum AuditEntity {}
public typealias AuditID = Identifier<AuditEntity>

/// What can be done to an account.
public enum AuditAction: String, WireEnum, Hashable {
  case signedIn = "signed_in"
  case signInFailed = "sign_in_failed"
  case signedOut = "signed_out"
  case sessionsEnded = "sessions_ended"
  case refreshReused = "refresh_token_reused"
  case registered
  case passwordChanged = "password_changed"
  case passwordReset = "password_reset"
  case secondFactorOn = "second_factor_on"
  case secondFactorOff = "second_factor_off"
  case staffCreated = "staff_created"
  case staffChanged = "staff_changed"
  case staffPasswordReset = "staff_password_reset"
  case roleGranted = "role_granted"
  case userStatusChanged = "user_status_changed"
  case keyCreated = "api_key_created"
  case keyRevoked = "api_key_revoked"
  case accountLinked = "account_linked"
  case profileChanged = "profile_changed"
  case consentChanged = "consent_changed"
  case dataExported = "data_exported"
  case erased
  case tenantStatusChanged = "tenant_status_changed"
}

/// One act: who did what to whom, when, from where, and what it changed.
@Wire public struct AuditEntry: Hashable, Sendable {
  public var id: AuditID
  public var at: Instant
  public var action: AuditAction
  /// Who did it; absent when nobody was signed in, or the platform itself did.
  public var actorId: UserID?
  /// Whose account it is about.
  public var subjectId: UserID?
  public var tenantId: TenantID?
  public var address: String?
  public var agent: String?
  public var before: String?
  public var after: String?
}

/// Which entries are wanted.
public struct AuditFilter: Hashable, Sendable {
  public var tenantId: TenantID?
  public var subjectId: UserID?
  public var actorId: UserID?
  public var action: AuditAction?
  public var from: Instant?
  public var to: Instant?

  public init(
    tenantId: TenantID? = nil, subjectId: UserID? = nil, actorId: UserID? = nil, action: AuditAction? = nil, from: Instant? = nil,
    to: Instant? = nil
  ) {
    self.tenantId = tenantId
    self.subjectId = subjectId
    self.actorId = actorId
    self.action = action
    self.from = from
    self.to = to
  }
}
