public import ServiceKit
public import Wire

/// Ends all of the caller's sessions, or all others than the one that asks.
@Wire public struct EndSessions: Operation {
  public static let address = OperationAddress("identity", "endSessions")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = EndedSessions

  /// Whether the session that asks goes on.
  public var keepThis: Bool = false
}

/// How many sessions were ended.
@Wire public struct EndedSessions: Hashable, Sendable {
  public var count: Int
}
