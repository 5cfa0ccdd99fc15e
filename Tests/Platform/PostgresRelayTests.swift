import Foundation
import Kernel
import Messaging
import Persistence
import PersistencePostgres
import ServiceKit
import TestKit
import Testing
import Wire

/// What the relay makes of events whose positions are committed out of order.
@Suite struct PostgresRelayTests {
  /// A bus that holds each batch back until its gate is opened.
  private final class HeldBus: Bus {
    let gate = CacheTests.Gate()
    let begun = Notes<Int>()
    let seen = Notes<Int>()
    func subscribe(_ subscription: Subscription) {}
    func publish(_ batch: [Envelope], isRepeated: Bool, confirm: @escaping @Sendable (EventID) -> Void) async throws {
      begun.add(batch.count)
      await gate.pass()
      for envelope in batch {
        seen.add(envelope.sequence)
        confirm(envelope.id)
      }
    }
  }

  /// An event is committed after one with a higher position was read, and before that was handed over: it is carried at once, not
  /// when the relay happens to look again, for here the time stands still.
  @Test func anEventCommittedWhileALaterOneIsHandedOverIsNotLeft() async throws {
    let time = ManualTime()
    let ids = time.ids(seed: 1)
    let database = try temporarySchema(writers: 3)
    try await database.migrate(Outbox.migrations(for: "kettle"))
    let bus = HeldBus()
    let relay = Relay(service: "kettle", database: database, bus: bus, time: time.source)
    let running = Task { await relay.run() }
    try await eventually("it carries") { await database.peers.holds("relay kettle") }
    let write: @Sendable (Int, (@Sendable () -> Void)?) async throws -> Void = { sequence, pause in
      let envelope = Envelope(
        id: ids.next(), name: "cup.filled", version: 1, topic: .orders, time: time.source.now, aggregate: "cup:\(sequence)", sequence: sequence,
        payload: RawJSON(CupFilled(cup: "\(sequence)", amount: 1)))
      try await database.write { transaction in
        let position = try transaction.first(
          "INSERT INTO kettle_outbox (event, topic, aggregate, envelope, sequence) VALUES (?, ?, ?, ?, ?) RETURNING position",
          .text(envelope.name), .word(envelope.topic), .text(envelope.aggregate), .json(envelope), .integer(sequence)
        ) { $0.integer(0) }
        pause?()
        transaction.afterCommit { relay.take(position ?? 0, envelope) }
      }
    }
    let (isInserted, mayCommit) = (Notes<Int>(), Notes<Int>())
    let early = Task {
      try await write(1) {
        isInserted.add(1)
        while mayCommit.count == 0 { Thread.sleep(forTimeInterval: 0.001) }
      }
    }
    try await eventually("the first has its position") { isInserted.count > 0 }
    try await write(2, nil)
    try await eventually("the second is being handed over") { bus.begun.count == 1 }
    mayCommit.add(1)
    try await early.value
    bus.gate.open()
    try await eventually("both are carried") { Set(bus.seen.all) == [1, 2] }
    running.cancel()
    await running.value
    await database.close()
  }
}
