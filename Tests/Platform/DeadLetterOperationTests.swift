import Kernel
import Messaging
import Persistence
import ServiceKit
import Synchronization
import TestKit
import Testing
import Wire

@Suite struct DeadLetterOperationTests {
  /// Two services on one board, the first of which has given up on some events.
  private func board(_ delivery: Switchboard.LocalDelivery) async throws -> (Switchboard, DeadLetters, woken: Mutex<Int>.Holder) {
    let time = ManualTime()
    let database = try await temporaryDatabase(Inbox.migrations(for: "kettle") + Inbox.migrations(for: "table"))
    let ids = time.ids()
    try await database.write { transaction in
      for number in 1...3 {
        let envelope = Envelope(
          id: ids.next(), name: "cup.filled", version: 1, topic: .orders, time: time.now, aggregate: "cup:\(number)", sequence: number,
          payload: RawJSON(Done()))
        try transaction.run(
          """
          INSERT INTO kettle_dead_letters (reaction, aggregate, event, name, envelope, attempts, reason, failed_at)
          VALUES ('WhenCupFilled', ?, ?, 'cup.filled', ?, 8, 'no cup', ?)
          """, .text(envelope.aggregate), .id(envelope.id), .json(envelope), .instant(time.now))
      }
    }
    let woken = Mutex<Int>.Holder()
    let kettle = DeadLetters(service: "kettle", database: database, time: time.source) { woken.count.withLock { $0 += 1 } }
    let table = DeadLetters(service: "table", database: database, time: time.source)
    return (Switchboard(kettle.operations + table.operations, delivery: delivery), kettle, woken)
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func eachServiceTellsItsOwn(_ delivery: Switchboard.LocalDelivery) async throws {
    let (board, _, woken) = try await board(delivery)
    func read(_ service: String, after: Int = 0) async throws -> [KeptDeadLetter] {
      try await board.callAsSystem(ReadDeadLetters(after: after, limit: 2), of: service).letters
    }
    let first = try await read("kettle")
    #expect(first.map(\.aggregate) == ["cup:1", "cup:2"] && first.map(\.sequence) == [1, 2])
    #expect(first.allSatisfy { $0.event == "cup.filled" && $0.reaction == "WhenCupFilled" && $0.attempts == 8 && $0.reason == "no cup" })
    #expect(try await read("kettle", after: first[1].position).map(\.aggregate) == ["cup:3"])
    #expect(try await read("table").isEmpty)
    for (position, isReplayed, wasThere) in [(first[0].position, true, true), (first[0].position, true, false), (first[1].position, false, true)] {
      let settled = try await board.callAsSystem(SettleDeadLetter(position: position, isReplayed: isReplayed), of: "kettle")
      #expect(settled.wasThere == wasThere)
    }
    #expect(woken.count.withLock { $0 } == 1)
    #expect(try await read("kettle").map(\.aggregate) == ["cup:3"])
  }

  @Test func whoIsNoServiceIsToldNothing() async throws {
    let (board, _, _) = try await board(.direct)
    await #expect(throws: CallFailure<Never>.self) { _ = try await board.call(ReadDeadLetters(limit: 1), of: "kettle") }
    // Without a name it is nobody's, and a service that there is not is not reached.
    for service in [nil, "pot"] {
      do throws(CallFailure<Never>) {
        _ = try await board.callAsSystem(ReadDeadLetters(limit: 1), of: service)
        Issue.record("\(service ?? "nobody") answered")
      } catch {
        #expect(error.unavailable != nil)
      }
    }
  }
}

extension Mutex where Value == Int {
  /// Counts in many tasks.
  fileprivate final class Holder: Sendable { let count = Mutex<Int>(0) }
}
