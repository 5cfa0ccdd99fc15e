public import Kernel
public import ServiceKit
public import Wire

/// Disables an account, which ends its sessions, or enables it again; administrators only a super administrator can.
@Wire public struct UpdateUserStatus: Operation {
  public static let address = OperationAddress("identity", "updateUserStatus")
  public static let access = Access.roles(Role.administrators)
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = UserStanding
  public typealias Refusal = UpdateUserStatusRefusal

  public var userId: UserID
  public var isDisabled: Bool
  /// For the record.
  @Field(.length(0...280)) public var reason: String?
}

/// Why an account's status stays.
public enum UpdateUserStatusRefusal: String, WireEnum, Refusal {
  case userUnknown = "user_unknown"
  case aboveCaller = "role_above_caller"
  case isSelf = "staff_is_self"
  public var kind: RefusalKind {
    switch self {
    case .userUnknown: .hidden
    case .aboveCaller: .forbidden
    case .isSelf: .ruled
    }
  }
}
