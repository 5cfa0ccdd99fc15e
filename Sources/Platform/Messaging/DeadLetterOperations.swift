public import ServiceKit
public import Wire
public import Kernel

/// The events that a service gave up on, the oldest first; every service answers it under its own name.
@Wire public struct ReadDeadLetters: Operation {
  public static let address = OperationAddress("every", "readDeadLetters")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.safe
  public typealias Reply = KeptDeadLetters

  /// The place in the list behind which it begins.
  public var after: Int = 0
  @Field(.within(1...1000)) public var limit: Int
}

/// Has the service handle a dead letter again, or forget it for good; every service answers it under its own name.
@Wire public struct SettleDeadLetter: Operation {
  public static let address = OperationAddress("every", "settleDeadLetter")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.once
  public typealias Reply = SettledDeadLetter

  public var position: Int
  /// Whether it is handled again; forgotten otherwise.
  public var isReplayed: Bool
}

/// Some dead letters of a service.
@Wire public struct KeptDeadLetters: Hashable, Sendable {
  public var letters: [KeptDeadLetter]
}

/// One event that one reaction gave up on, without what the event tells.
@Wire public struct KeptDeadLetter: Hashable, Sendable {
  public var position: Int
  public var reaction: String
  public var event: String
  public var aggregate: String
  public var sequence: Int
  public var happenedAt: Instant
  public var attempts: Int
  public var reason: String
  public var failedAt: Instant
}

/// Whether there was such a letter.
@Wire public struct SettledDeadLetter: Hashable, Sendable {
  public var wasThere: Bool
}

extension DeadLetters {
  /// What the service answers about its dead letters, for the one who looks after all services, wherever they run.
  public var operations: [any HostedOperation] {
    [
      Hosted(ReadDeadLetters.self, of: service) { request in
        KeptDeadLetters(letters: try await list(after: request.after, limit: request.limit).map(KeptDeadLetter.init))
      },
      Hosted(SettleDeadLetter.self, of: service) { request in
        SettledDeadLetter(wasThere: try await request.isReplayed ? replay(request.position) : drop(request.position))
      }
    ]
  }
}

extension KeptDeadLetter {
  init(_ letter: DeadLetters.Letter) {
    self.init(
      position: letter.position, reaction: letter.reaction, event: letter.envelope.name, aggregate: letter.envelope.aggregate,
      sequence: letter.envelope.sequence, happenedAt: letter.envelope.time, attempts: letter.attempts, reason: letter.reason,
      failedAt: letter.failedAt)
  }
}
