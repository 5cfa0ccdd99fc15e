public import Kernel
public import ServiceKit
public import Wire

/// What somebody may be within a tenant.
public enum StaffRole: String, WireEnum, Hashable {
  case owner, manager
  case kitchenStaff = "kitchen_staff"
  case waiter

  public var role: Role {
    switch self {
    case .owner: .owner
    case .manager: .manager
    case .kitchenStaff: .kitchenStaff
    case .waiter: .waiter
    }
  }
}

/// Somebody who works for a tenant.
@Wire public struct StaffMember: Hashable, Sendable {
  public var id: UserID
  public var tenantId: TenantID
  /// Absent for who signs in by e-mail.
  public var username: String?
  public var email: String?
  public var firstName: String?
  public var lastName: String?
  public var roles: [Role]
  public var isDisabled: Bool
  public var mustChangePassword: Bool
  public var hasSecondFactor: Bool
  public var createdAt: Instant
}

/// Why staff stay as they are.
public enum StaffRefusal: String, WireEnum, Refusal {
  case userUnknown = "user_unknown"
  case usernameTaken = "username_taken"
  case emailTaken = "email_taken"
  /// Managers look after kitchen and waiters; owners after everybody.
  case aboveCaller = "role_above_caller"
  /// Nobody disables or demotes themselves.
  case isSelf = "staff_is_self"

  public var kind: RefusalKind {
    switch self {
    case .userUnknown: .hidden
    case .usernameTaken, .emailTaken: .conflict
    case .aboveCaller: .forbidden
    case .isSelf: .ruled
    }
  }
}
