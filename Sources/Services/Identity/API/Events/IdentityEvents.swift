public import Kernel
public import ServiceKit
public import Wire

/// A customer opened an account.
@Wire public struct CustomerCreated: Event {
  public static let name = "customer.created"
  public static let topic = Topic.identity
  public var userId: UserID
  /// Absent when the customer came by phone.
  public var email: String?
  public var displayName: String
  public var createdAt: Instant

  public var tenant: TenantID? { nil }
  public var aggregate: String { "user:\(userId)" }
}

/// A session ended before its time: logged out, or a refresh token was used twice.
@Wire public struct SessionRevoked: Event {
  public static let name = "session.revoked"
  public static let topic = Topic.identity
  public var sessionId: SessionID
  public var userId: UserID

  public var tenant: TenantID? { nil }
  public var aggregate: String { "user:\(userId)" }
}

/// A person acts as something more.
@Wire public struct RoleGranted: Event {
  public static let name = "role.granted"
  public static let topic = Topic.identity
  public var userId: UserID
  public var role: Role
  public var tenantId: TenantID?

  public var tenant: TenantID? { tenantId }
  public var aggregate: String { "user:\(userId)" }
}

/// A person's account was ended for good: who they were is to be taken out of everything that is kept.
@Wire public struct PersonErased: Event {
  public static let name = "person.erased"
  public static let topic = Topic.identity
  public var userId: UserID
  public var erasedAt: Instant

  public var tenant: TenantID? { nil }
  public var aggregate: String { "user:\(userId)" }
}
