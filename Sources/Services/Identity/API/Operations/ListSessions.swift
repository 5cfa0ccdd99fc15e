public import Kernel
public import ServiceKit
public import Wire

/// The caller's sessions that have not ended, the newest first, a hundred at most.
@Wire public struct ListSessions: Operation {
  public static let address = OperationAddress("identity", "listSessions")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<OpenSession>
}

/// A place where somebody is signed in.
@Wire public struct OpenSession: Hashable, Sendable {
  public var id: SessionID
  public var way: SignInWay?
  public var createdAt: Instant
  public var refreshedAt: Instant?
  public var expiresAt: Instant
  public var address: String?
  public var agent: String?
  /// Whether it is the session that asks.
  public var isCurrent: Bool
}
