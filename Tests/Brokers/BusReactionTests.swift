import Kernel
import Messaging
import Persistence
import ServiceKit
import Synchronization
import TestKit
import Testing
import Wire

/// Something happened to a cup.
@Wire struct CupFilled: Event, Hashable {
  static let name = "cup.filled"
  static let topic = Topic.orders
  var cup: String
  var amount: Int
  var tenant: TenantID? { nil }
  var aggregate: String { "cup:\(cup)" }
}

/// A service's whole way over every bus: outbox, relay, bus, reactions, dead letters.
@Suite struct BusReactionTests {
  struct Broken: Error {}

  @Test(arguments: BusKind.here) func whatKeepsFailingEndsAmongTheDeadLettersAndComesBack(_ kind: BusKind) async throws {
    let isRepaired = Notes<Bool>()
    let seen = Notes<CupFilled>()
    let database = try await temporaryDatabase(Outbox.migrations(for: "kettle") + Inbox.migrations(for: "sink"))
    let time = TimeSource.scaled(by: 20, from: Instant(milliseconds: 1_700_000_000_000))
    let ids = IdentifierSource(time: time)
    let subscriber = Subscriber(
      service: "sink",
      reactions: [
        .calling("WhenCupFilled", CupFilled.self) { event, _ in
          if event.cup == "bad", event.amount == 1, isRepaired.count == 0 { throw Broken() }
          seen.add(event)
        }
      ], database: database, time: time, ids: ids, attempts: 2)
    try await subscriber.prepare()
    try await BusUnderTest(kind).with(subscriber.subscriptions) { bus in
      let relay = Relay(service: "kettle", database: database, bus: bus, time: time)
      let outbox = Outbox(service: "kettle", time: time, ids: ids) { relay.take($0, $1) }
      let running = Task {
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await relay.run() }
          group.addTask { await subscriber.run() }
        }
      }
      for amount in 1...5 {
        for cup in ["bad", "good"] { try await database.write { try outbox.publish(CupFilled(cup: cup, amount: amount), in: $0) } }
      }
      let letters = DeadLetters(service: "sink", database: database, time: time) { subscriber.wake() }
      try await eventually("a dead letter") { try await letters.list().count == 1 }
      // It held up nobody for good, and nothing is left in the outbox.
      try await eventually("all the others") { seen.count == 9 }
      #expect(seen.all.filter { $0.cup == "bad" }.map(\.amount) == [2, 3, 4, 5])
      #expect(seen.all.filter { $0.cup == "good" }.map(\.amount) == [1, 2, 3, 4, 5])
      try await eventually("an empty outbox") { try await database.read { try $0.first("SELECT 1 FROM kettle_outbox LIMIT 1") { _ in true } } == nil }
      let letter = try #require(try await letters.list().first)
      #expect(letter.reaction == "WhenCupFilled" && letter.attempts == 2)
      isRepaired.add(true)
      #expect(try await letters.replay(letter.position))
      try await eventually("the replayed event") { seen.all.contains(CupFilled(cup: "bad", amount: 1)) }
      #expect(try await letters.list().isEmpty)
      subscriber.stop()
      running.cancel()
      await running.value
    }
    await database.close()
  }
}
