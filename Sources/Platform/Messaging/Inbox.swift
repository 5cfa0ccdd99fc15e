public import Kernel
public import Persistence
import ServiceKit
import Wire

/// What one service has done with the events it heard: handled, parked for another try, or given up.
public struct Inbox: Sendable {
  let service: String
  /// Made once, as every event is marked with it.
  private let marking: String

  public init(service: String) {
    self.service = service
    marking = "INSERT INTO \(service)_inbox (event, reaction) VALUES (?, ?) ON CONFLICT (event, reaction) DO NOTHING"
  }

  /// The tables of a service that hears events.
  public static func migrations(for service: String) -> [Migration] {
    [
      Migration(
        "\(service)-inbox-1",
        "CREATE TABLE \(service)_inbox (event TEXT NOT NULL, reaction TEXT NOT NULL, PRIMARY KEY (event, reaction)) {clustered}",
        """
        CREATE TABLE \(service)_parked (position {serial}, reaction TEXT NOT NULL, aggregate TEXT NOT NULL, sequence BIGINT NOT NULL,
          event TEXT NOT NULL, envelope TEXT NOT NULL, attempts BIGINT NOT NULL, due_at BIGINT, last_error TEXT, UNIQUE (reaction, event))
        """,
        "CREATE INDEX \(service)_parked_order ON \(service)_parked (reaction, aggregate, sequence)",
        "CREATE INDEX \(service)_parked_due ON \(service)_parked (due_at)",
        """
        CREATE TABLE \(service)_dead_letters (position {serial}, reaction TEXT NOT NULL, aggregate TEXT NOT NULL, event TEXT NOT NULL,
          name TEXT NOT NULL, envelope TEXT NOT NULL, attempts BIGINT NOT NULL, reason TEXT NOT NULL, failed_at BIGINT NOT NULL)
        """)
    ]
  }

  // MARK: Handled

  /// Marks the event as handled; false when it was.
  func mark(_ event: EventID, _ reaction: String, in transaction: any Transaction) throws -> Bool {
    try transaction.run(marking, expecting: 1, .id(event), .text(reaction)) == 1
  }

  func isMarked(_ event: EventID, _ reaction: String, in transaction: any Transaction) throws -> Bool {
    try transaction.first("SELECT 1 FROM \(service)_inbox WHERE event = ? AND reaction = ?", .id(event), .text(reaction)) { _ in true } ?? false
  }

  /// Forgets up to `limit` marks of events older than the instant; answers how many.
  @discardableResult
  public func prune(before instant: Instant, limit: Int = 2000, in transaction: any Transaction) throws -> Int {
    // Event ids begin with their time (UUID version 7), which spares the marks a column and an index for it.
    let first = EventID(high: UInt64(max(0, instant.milliseconds)) << 16, low: 0)
    return try transaction.run(
      """
      DELETE FROM \(service)_inbox WHERE (event, reaction) IN
        (SELECT event, reaction FROM \(service)_inbox WHERE event < ? ORDER BY event LIMIT ?)
      """, .id(first), .integer(limit))
  }

  // MARK: Parked

  struct Parked: Sendable {
    var position: Int
    var envelope: Envelope
    var attempts: Int
    var due: Instant?
  }

  func park(_ envelope: Envelope, _ reaction: String, attempts: Int, due: Instant?, error: String?, in transaction: any Transaction) throws {
    try transaction.run(
      """
      INSERT INTO \(service)_parked (reaction, aggregate, sequence, event, envelope, attempts, due_at, last_error) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (reaction, event) DO NOTHING
      """, .text(reaction), .text(envelope.aggregate), .integer(envelope.sequence), .id(envelope.id), .json(envelope), .integer(attempts),
      .instant(due), .optional(error))
  }

  /// The parked event that comes first for the reaction and aggregate.
  func firstParked(_ reaction: String, _ aggregate: String, in transaction: any Transaction) throws -> Parked? {
    try transaction.first(
      "SELECT position, envelope, attempts, due_at FROM \(service)_parked WHERE reaction = ? AND aggregate = ? ORDER BY sequence, position LIMIT 1",
      .text(reaction), .text(aggregate)
    ) { Parked(position: $0.integer(0), envelope: try $0.json(1), attempts: $0.integer(2), due: $0.optionalInstant(3)) }
  }

  /// Takes the parked event for this process until the instant; false when another has taken or finished it since it was read.
  func lease(_ parked: Parked, until end: Instant, in transaction: any Transaction) throws -> Bool {
    try transaction.run(
      "UPDATE \(service)_parked SET due_at = ? WHERE position = ? AND COALESCE(due_at, 0) = ?", .instant(end), .integer(parked.position),
      .integer(parked.due?.milliseconds ?? 0)) == 1
  }

  func unpark(_ position: Int, in transaction: any Transaction) throws {
    try transaction.run("DELETE FROM \(service)_parked WHERE position = ?", .integer(position))
  }

  func postpone(_ position: Int, attempts: Int, due: Instant, error: String, in transaction: any Transaction) throws {
    try transaction.run(
      "UPDATE \(service)_parked SET attempts = ?, due_at = ?, last_error = ? WHERE position = ?", .integer(attempts), .instant(due), .text(error),
      .integer(position))
  }

  /// Lets those behind the first wait for it, whatever they waited for.
  func queueUp(behind position: Int, _ reaction: String, _ aggregate: String, in transaction: any Transaction) throws {
    try transaction.run(
      "UPDATE \(service)_parked SET due_at = NULL WHERE reaction = ? AND aggregate = ? AND position <> ? AND due_at IS NOT NULL", .text(reaction),
      .text(aggregate), .integer(position))
  }

  struct Place: Hashable, Sendable {
    var reaction: String
    var aggregate: String
  }

  func due(at now: Instant, limit: Int, in transaction: any Transaction) throws -> [Place] {
    try transaction.all(
      "SELECT reaction, aggregate FROM \(service)_parked WHERE due_at <= ? GROUP BY reaction, aggregate ORDER BY MIN(due_at), reaction, aggregate LIMIT ?",
      .instant(now), .integer(limit)
    ) { Place(reaction: $0.text(0), aggregate: $0.text(1)) }
  }

  func nextDue(in transaction: any Transaction) throws -> Instant? {
    try transaction.first("SELECT MIN(due_at) FROM \(service)_parked") { $0.optionalInstant(0) } ?? nil
  }

  /// Makes those due that stand first at their place and wait for nothing: a crash, or another process that took up the ones before
  /// them, may have left them so.
  func wakeHeads(at now: Instant, in transaction: any Transaction) throws {
    try transaction.run(
      """
      UPDATE \(service)_parked SET due_at = ? WHERE due_at IS NULL AND position IN
        (SELECT MIN(position) FROM \(service)_parked GROUP BY reaction, aggregate)
      """, .instant(now))
  }

  /// The places where events are parked.
  func parkedPlaces(at now: Instant, in transaction: any Transaction) throws -> [Place] {
    try wakeHeads(at: now, in: transaction)
    return try transaction.all("SELECT DISTINCT reaction, aggregate FROM \(service)_parked ORDER BY reaction, aggregate") {
      Place(reaction: $0.text(0), aggregate: $0.text(1))
    }
  }

  // MARK: Given up

  /// Puts an event among the dead letters, and marks it, so that it is not handled when it comes again.
  func bury(_ envelope: Envelope, _ reaction: String, attempts: Int, reason: String, at now: Instant, in transaction: any Transaction) throws {
    guard try mark(envelope.id, reaction, in: transaction) else { return }
    try transaction.run(
      """
      INSERT INTO \(service)_dead_letters (reaction, aggregate, event, name, envelope, attempts, reason, failed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """, .text(reaction), .text(envelope.aggregate), .id(envelope.id), .text(envelope.name), .json(envelope), .integer(attempts), .text(reason),
      .instant(now))
  }
}
