public import Kernel
public import ServiceKit
public import Wire

/// The events that services gave up on, service by service, the oldest first.
@Wire public struct ListDeadLetters: Operation {
  public static let address = OperationAddress("gateway", "listDeadLetters")
  public static let access = Access.roles(Role.administrators)
  public static let repeatability = Repeatability.safe
  public typealias Reply = DeadLetterPage

  /// Only those of one service, such as `ordering`.
  @Field(.length(1...40)) public var service: String?
  @Field(.within(1...100)) public var limit: Int = 50
  @Field(.length(1...60)) public var cursor: String?
}

/// One page of dead letters.
@Wire public struct DeadLetterPage: Hashable, Sendable {
  public var items: [DeadLetter]
  /// Sent back as `cursor` to get the next page; absent on the last.
  public var nextCursor: String?
  /// The services that did not answer, whose letters are missing here.
  public var unreached: [String]
}

/// One event that one reaction of a service gave up on.
@Wire public struct DeadLetter: Hashable, Sendable {
  /// Service and number, such as `ordering-12`.
  public var id: String
  public var service: String
  public var reaction: String
  /// Such as `order.created`.
  public var event: String
  /// What it happened to, such as `order:0191…`.
  public var aggregate: String
  public var sequence: Int
  public var attempts: Int
  public var reason: String
  public var happenedAt: Instant
  public var failedAt: Instant
}
