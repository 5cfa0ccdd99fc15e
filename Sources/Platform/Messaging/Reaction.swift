public import Persistence
public import ServiceKit

/// What a service does when something happened, by the name of the event.
///
/// Events of one aggregate come in order; a reaction that fails is tried again later, events of the same aggregate waiting
/// behind it, and ends in the dead letters when it keeps failing.
public struct Reaction: Sendable {
  /// How often the reaction sees an event, and with what.
  public enum Kind: Sendable {
    /// What is done to the service's own rows.
    public typealias Change = @Sendable (any Transaction) throws -> Void

    /// Once: the inbox mark and the change are one transaction of the service's database. What can be worked out from the event
    /// alone belongs before the change, where nobody waits for it.
    case inTransaction(@Sendable (Envelope) throws -> Change)
    /// At least once, then marked in the inbox: for what calls operations, which must bear repetition.
    case calling(@Sendable (Envelope) async throws -> Void)
    /// On every node that hosts the service, kept in no inbox: for what lives in memory, such as caches and sockets.
    case onEveryNode(@Sendable (Envelope) throws -> Void)
  }

  /// Unique within the service, such as `WhenPaymentFailed`.
  public let name: String
  /// The names of the events it hears.
  public let events: Set<String>
  /// Where those events travel.
  public let topics: Set<Topic>
  public let kind: Kind

  public init(_ name: String, events: Set<String>, topics: Set<Topic> = Set(Topic.allCases), _ kind: Kind) {
    self.name = name
    self.events = events
    self.topics = topics
    self.kind = kind
  }

  var isOnEveryNode: Bool { if case .onEveryNode = kind { true } else { false } }

  /// Changes the service's own rows when the event happened, once.
  public static func inTransaction<E: Event>(
    _ name: String, _ type: E.Type, _ body: @escaping @Sendable (E, Envelope, any Transaction) throws -> Void
  ) -> Reaction {
    Reaction(
      name, events: [E.name], topics: [E.topic],
      .inTransaction { envelope in
        let event = try envelope.event(as: E.self)
        return { try body(event, envelope, $0) }
      })
  }

  /// Calls operations when the event happened; they must bear repetition.
  public static func calling<E: Event>(
    _ name: String, _ type: E.Type, _ body: @escaping @Sendable (E, Envelope) async throws -> Void
  ) -> Reaction {
    Reaction(name, events: [E.name], topics: [E.topic], .calling { try await body($0.event(as: E.self), $0) })
  }

  /// Changes what this node has in memory when the event happened.
  public static func onEveryNode<E: Event>(
    _ name: String, _ type: E.Type, _ body: @escaping @Sendable (E, Envelope) throws -> Void
  ) -> Reaction {
    Reaction(name, events: [E.name], topics: [E.topic], .onEveryNode { try body($0.event(as: E.self), $0) })
  }
}
