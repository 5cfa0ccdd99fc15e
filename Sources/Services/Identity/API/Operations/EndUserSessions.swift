public import Kernel
public import ServiceKit
public import Wire

/// Ends every session of a person, or one of them; those of administrators only a super administrator can.
@Wire public struct EndUserSessions: Operation {
  public static let address = OperationAddress("identity", "endUserSessions")
  public static let access = Access.roles(Role.administrators)
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = EndedSessions
  public typealias Refusal = UserSessionsRefusal

  public var userId: UserID
  /// Absent: all of them.
  public var sessionId: SessionID?
  /// For the record.
  @Field(.length(0...280)) public var reason: String?
}
