import Kernel
public import Persistence
public import ServiceKit
import Wire

/// Where a service writes its events, in the transaction of the change that they tell of.
///
/// The relay carries them to the bus afterwards, at least once, in order per aggregate.
public struct Outbox: Sendable {
  let service: String
  private let time: TimeSource
  private let ids: IdentifierSource
  private let committed: @Sendable (_ position: Int, Envelope) -> Void

  /// - Parameters:
  ///   - service: whose tables it uses, such as `ordering`.
  ///   - committed: called with each event, and its place in the outbox, once the transaction is on disk; not always in order.
  public init(service: String, time: TimeSource, ids: IdentifierSource, committed: @escaping @Sendable (_ position: Int, Envelope) -> Void) {
    self.service = service
    self.time = time
    self.ids = ids
    self.committed = committed
  }

  /// The tables of a service's outbox.
  public static func migrations(for service: String) -> [Migration] {
    [
      Migration(
        "\(service)-outbox-1",
        "CREATE TABLE \(service)_outbox (position {serial}, event TEXT NOT NULL, topic TEXT NOT NULL, aggregate TEXT NOT NULL, envelope TEXT NOT NULL)",
        "CREATE TABLE \(service)_sequence (aggregate TEXT PRIMARY KEY, last BIGINT NOT NULL)")
    ]
  }

  /// Writes an event; it will be delivered if and only if the transaction commits.
  public func publish<E: Event>(_ event: E, in transaction: any Transaction) throws {
    let sequence = try transaction.first(
      """
      INSERT INTO \(service)_sequence (aggregate, last) VALUES (?, 1)
      ON CONFLICT (aggregate) DO UPDATE SET last = \(service)_sequence.last + 1 RETURNING last
      """, .text(event.aggregate)
    ) { $0.integer(0) }
    guard let sequence else { throw CorruptRow("no sequence for \(event.aggregate)") }
    let envelope = Envelope(
      id: ids.next(), name: E.name, version: E.version, topic: E.topic, time: time.now, tenant: event.tenant, aggregate: event.aggregate,
      sequence: sequence, correlationID: CallContext.correlationID, payload: RawJSON(event))
    let position = try transaction.first(
      "INSERT INTO \(service)_outbox (event, topic, aggregate, envelope) VALUES (?, ?, ?, ?) RETURNING position",
      .text(E.name), .word(E.topic), .text(event.aggregate), .json(envelope)
    ) { $0.integer(0) }
    guard let position else { throw CorruptRow("no position for \(event.aggregate)") }
    transaction.afterCommit { [committed] in committed(position, envelope) }
  }
}
