import Hosting
import Kernel
import Messaging
import Persistence
import PersistenceSQLite
import ServiceKit
import Synchronization
import TestKit
import Testing
import Wire

/// A cup was filled; told by the kettle, heard by the table.
@Wire struct CupFilled: Event {
  var cup: String
  var amount: Int
  static let name = "cup.filled"
  static let topic = Topic.orders
  var tenant: TenantID? { nil }
  var aggregate: String { "cup:\(cup)" }
}

@Wire struct FillCup: Operation {
  var cup: String
  var amount: Int
  static let address = OperationAddress("kettle", "fillCup")
  static let access = Access.anyone
  static let repeatability = Repeatability.once
}

@Wire struct NoteCup: Operation {
  var cup: String
  var amount: Int
  static let address = OperationAddress("waiter", "noteCup")
  static let access = Access.internalOnly
  static let repeatability = Repeatability.idempotent
}

struct KettleModule: ServiceModule {
  static let name = "kettle"
  static let routes: [Route] = []
  let host: Host
  init(_ host: Host) { self.host = host }
  var operations: [any HostedOperation] {
    [
      Hosted(FillCup.self) { [host] request in
        try await host.database.write { try host.outbox.publish(CupFilled(cup: request.cup, amount: request.amount), in: $0) }
        return Done()
      }
    ]
  }
}

struct TableModule: ServiceModule {
  static let name = "table"
  static let routes: [Route] = []
  static let migrations = [
    Migration(
      "table-1", "CREATE TABLE table_cups (cup TEXT PRIMARY KEY, amount BIGINT NOT NULL, events BIGINT NOT NULL)",
      "CREATE TABLE table_ticks (at BIGINT NOT NULL)")
  ]
  let host: Host
  init(_ host: Host) { self.host = host }
  var operations: [any HostedOperation] { [] }
  var reactions: [Reaction] {
    [
      .inTransaction("WhenCupFilled", CupFilled.self) { event, _, transaction in
        try transaction.run(
          "INSERT INTO table_cups VALUES (?, ?, 1) ON CONFLICT (cup) DO UPDATE SET amount = excluded.amount, events = table_cups.events + 1",
          .text(event.cup), .integer(event.amount))
      },
      .calling("WhenCupFilledTellWaiter", CupFilled.self) { [host] event, _ in
        _ = try await host.switchboard.callAsSystem(NoteCup(cup: event.cup, amount: event.amount))
      },
      .onEveryNode("WhenCupFilledShow", CupFilled.self) { [host] event, _ in
        host.channels.publish("cup", to: "cup:\(event.cup)", event)
      }
    ]
  }
  var jobs: [Job] {
    [
      Job("tick", every: .seconds(10)) { [host] in
        let now = host.time.now
        try await host.database.write { try $0.run("INSERT INTO table_ticks VALUES (?)", .instant(now)) }
        throw Unavailable("a job may fail")
      }
    ]
  }
}

@Suite struct HostingTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func anEventReachesEveryKindOfReaction(_ delivery: Switchboard.LocalDelivery) async throws {
    let notes = Mutex<[NoteCup]>([])
    let fakes: [any HostedOperation] = [
      Hosted(NoteCup.self) { request in
        #expect(CallContext.correlationID == "c-1")
        notes.withLock { $0.append(request) }
        return Done()
      }
    ]
    try await ServiceHarness.with([KettleModule.self, TableModule.self], delivery: delivery, fakes: fakes) { harness in
      let frames = FrameRecorder()
      _ = harness.process.channels.join("cup:a", cursor: nil, frames)
      try await CallContext.$correlationID.withValue("c-1") {
        for amount in 1...20 { _ = try await harness.call(FillCup(cup: "a", amount: amount), as: .anonymous) }
      }
      try await harness.settle()
      let kept = try await harness.database.read {
        try $0.first("SELECT amount, events FROM table_cups WHERE cup = 'a'") { [$0.integer(0), $0.integer(1)] }
      }
      #expect(kept == [20, 20])
      #expect(frames.texts.count == 20)
      #expect(harness.published("cup.filled").map(\.sequence) == Array(1...20))
      let amounts = notes.withLock { $0.map(\.amount) }
      #expect(amounts == (delivery == .direct ? Array(1...20) : (1...20).flatMap { [$0, $0] }))
    }
  }

  @Test func jobsRunAgainAfterTheyFailed() async throws {
    try await ServiceHarness.with([TableModule.self]) { harness in
      try await harness.advance(by: .seconds(5), until: "three ticks") {
        try await harness.database.read { try $0.first("SELECT COUNT(*) FROM table_ticks") { $0.integer(0) } } == 3
      }
    }
  }
}
