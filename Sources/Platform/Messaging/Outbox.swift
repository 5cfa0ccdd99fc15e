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
  private let isHeard: @Sendable (_ event: String) -> Bool
  private let committed: @Sendable (_ position: Int, Envelope) -> Void

  /// - Parameters:
  ///   - service: whose tables it uses, such as `ordering`.
  ///   - isHeard: whether anybody may hear events of a name; the others are not written, and not counted in their aggregate's sequence.
  ///   - committed: called with each event, and its place in the outbox, once the transaction is on disk; not always in order.
  public init(
    service: String, time: TimeSource, ids: IdentifierSource, isHeard: @escaping @Sendable (_ event: String) -> Bool = { _ in true },
    committed: @escaping @Sendable (_ position: Int, Envelope) -> Void
  ) {
    self.service = service
    self.time = time
    self.ids = ids
    self.isHeard = isHeard
    self.committed = committed
  }

  /// The tables of a service's outbox.
  public static func migrations(for service: String) -> [Migration] {
    [
      Migration(
        "\(service)-outbox-1",
        "CREATE TABLE \(service)_outbox (position {serial}, event TEXT NOT NULL, topic TEXT NOT NULL, aggregate TEXT NOT NULL, envelope TEXT NOT NULL)",
        "CREATE TABLE \(service)_sequence (aggregate TEXT PRIMARY KEY, last BIGINT NOT NULL) {clustered}"),
      // Where several write at once, a lower position may be committed after a higher one: the relay tells by this what it may have missed.
      Migration(
        "\(service)-outbox-2", "ALTER TABLE \(service)_outbox ADD COLUMN writer {writer}",
        "ALTER TABLE \(service)_outbox ADD COLUMN sequence BIGINT")
    ]
  }

  /// An event made ready to be written: its bytes are made before the transaction, which others wait for.
  public struct Letter: Sendable {
    let envelope: Envelope
    let row: [SQLValue]
  }

  /// Makes an event ready; nil when nobody hears it.
  public func letter<E: Event>(_ event: E) -> Letter? {
    guard isHeard(E.name) else { return nil }
    let envelope = Envelope(
      id: ids.next(), name: E.name, version: E.version, topic: E.topic, time: time.now, tenant: event.tenant, aggregate: event.aggregate,
      sequence: 0, correlationID: CallContext.correlationID, payload: RawJSON(event))
    return Letter(envelope: envelope, row: [.text(E.name), .word(E.topic), .text(envelope.aggregate), .json(envelope)])
  }

  /// Writes an event; it will be delivered if and only if the transaction commits.
  public func publish(_ event: some Event, in transaction: any Transaction) throws { try post(letter(event), in: transaction) }

  /// Writes an event that was made ready, where there is one.
  public func post(_ letter: Letter?, in transaction: any Transaction) throws {
    guard let letter else { return }
    let place = Place()
    try transaction.together("\(service)_outbox", Posting(letter: letter, place: place)) { [service] in try Self.write($0, of: service, in: $1) }
    transaction.afterCommit { [committed] in
      var numbered = letter.envelope
      numbered.sequence = place.sequence
      committed(place.position, numbered)
    }
  }

  /// Where an event came to stand; written while the transaction runs, read after its commit.
  private final class Place: @unchecked Sendable {
    var sequence = 0
    var position = 0
  }

  private struct Posting {
    let letter: Letter
    let place: Place
  }

  /// Counts the aggregates' sequences, then writes the events.
  ///
  /// The rows of the sequences are locked until the commit, so that the positions of one aggregate's events are taken, and committed, in
  /// the order of their sequence, whoever writes beside; and in one order, so that two who write do not wait for each other.
  private static func write(_ postings: [Posting], of service: String, in transaction: any Transaction) throws -> () throws -> Void {
    var counts: [String: Int] = [:]
    for posting in postings { counts[posting.letter.envelope.aggregate, default: 0] += 1 }
    let last = LastNumbers()
    try transaction.insert(
      "INSERT INTO \(service)_sequence (aggregate, last)", rows: counts.sorted { $0.key < $1.key }.map { [.text($0.key), .integer($0.value)] },
      "ON CONFLICT (aggregate) DO UPDATE SET last = \(service)_sequence.last + excluded.last RETURNING aggregate, last",
      later: { last.of[$1.text(0)] = $1.integer(1) })
    return {
      var next = last.of.merging(counts) { $0 - $1 + 1 }
      for posting in postings {
        posting.place.sequence = next[posting.letter.envelope.aggregate] ?? 0
        next[posting.letter.envelope.aggregate]? += 1
      }
      // The number stands beside the envelope, which is made before it is known; the relay puts it in.
      try transaction.insert(
        "INSERT INTO \(service)_outbox (event, topic, aggregate, envelope, sequence)",
        rows: postings.map { $0.letter.row + [.integer($0.place.sequence)] }, "RETURNING position",
        later: { postings[$0].place.position = $1.integer(0) })
    }
  }

  /// The last number of each aggregate, these events counted.
  private final class LastNumbers {
    var of: [String: Int] = [:]
  }
}
