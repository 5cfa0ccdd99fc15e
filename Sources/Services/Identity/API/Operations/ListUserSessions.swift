public import Kernel
public import ServiceKit
public import Wire

/// The sessions of a person that have not ended, the newest first, a hundred at most; those of administrators only a super administrator sees.
@Wire public struct ListUserSessions: Operation {
  public static let address = OperationAddress("identity", "listUserSessions")
  public static let access = Access.roles(Role.administrators)
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<OpenSession>
  public typealias Refusal = UserSessionsRefusal

  public var userId: UserID
}

/// Why a person's sessions are neither shown nor ended.
public enum UserSessionsRefusal: String, WireEnum, Refusal {
  case userUnknown = "user_unknown"
  case sessionUnknown = "session_unknown"
  case aboveCaller = "role_above_caller"
  public var kind: RefusalKind { self == .aboveCaller ? .forbidden : .hidden }
}
