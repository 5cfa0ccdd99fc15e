import Kernel
public import Persistence
public import ServiceKit
import Wire

/// Where a service writes its events, in the transaction of the change that they tell of.
///
/// The relay carries them to the bus afterwards, at least once, in order per aggregate.
public struct Outbox: Sendable {
  private let table: String
  private let numbering: Numbering
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
    table = "\(service)_outbox"
    numbering = Numbering(table: table, counter: "\(service)_sequence", columns: ["event", "topic", "aggregate", "envelope"], key: "aggregate")
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
    try transaction.together(table, Posting(letter: letter, place: place)) { [numbering] postings, transaction in
      // The number stands beside the envelope, which is made before it is known; the relay puts it in.
      try transaction.insert(postings.map(\.letter.row), numbering) { index, number, position in
        postings[index].place.sequence = number
        postings[index].place.position = position
      }
    }
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
}
