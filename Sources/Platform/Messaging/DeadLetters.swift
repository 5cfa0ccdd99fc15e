public import Kernel
public import Persistence
public import ServiceKit
import Wire

/// The events that a service's reactions gave up on.
public struct DeadLetters: Sendable {
  /// One event that one reaction gave up on.
  public struct Letter: Sendable, Hashable {
    /// Its place in the list, ascending with time.
    public let position: Int
    public let reaction: String
    public let envelope: Envelope
    public let attempts: Int
    public let reason: String
    public let failedAt: Instant
  }

  /// Whose they are.
  public let service: String
  private let inbox: Inbox
  private let database: any Database
  private let time: TimeSource
  private let wake: @Sendable () -> Void

  /// - Parameter wake: called after events were put back.
  public init(service: String, database: any Database, time: TimeSource, wake: @escaping @Sendable () -> Void = {}) {
    self.service = service
    inbox = Inbox(service: service)
    self.database = database
    self.time = time
    self.wake = wake
  }

  /// The letters after a position, oldest first.
  public func list(after position: Int = 0, limit: Int = 100) async throws -> [Letter] {
    try await database.read { [inbox] transaction in
      try transaction.all(
        """
        SELECT position, reaction, envelope, attempts, reason, failed_at FROM \(inbox.service)_dead_letters WHERE position > ?
        ORDER BY position LIMIT ?
        """, .integer(position), .integer(limit)
      ) {
        Letter(
          position: $0.integer(0), reaction: $0.text(1), envelope: try $0.json(2), attempts: $0.integer(3), reason: $0.text(4),
          failedAt: $0.instant(5))
      }
    }
  }

  /// Gives the event to its reaction again; false when there is no such letter.
  @discardableResult
  public func replay(_ position: Int) async throws -> Bool {
    let now = time.now
    return try await database.write { [inbox, wake] transaction in
      let letter = try transaction.first(
        "DELETE FROM \(inbox.service)_dead_letters WHERE position = ? RETURNING reaction, envelope", .integer(position)
      ) { (reaction: $0.text(0), envelope: try $0.json(1, as: Envelope.self)) }
      guard let letter else { return false }
      try transaction.run(
        "DELETE FROM \(inbox.service)_inbox WHERE event = ? AND reaction = ?", .id(letter.envelope.id), .text(letter.reaction))
      try inbox.park(letter.envelope, letter.reaction, attempts: 0, due: now, error: nil, in: transaction)
      transaction.afterCommit(wake)
      return true
    }
  }

  /// Forgets the letter for good; false when there is none.
  @discardableResult
  public func drop(_ position: Int) async throws -> Bool {
    try await database.write { [inbox] in
      try $0.run("DELETE FROM \(inbox.service)_dead_letters WHERE position = ?", .integer(position)) == 1
    }
  }
}
