import Hosting
import Kernel
import Logging
import Persistence
import Realtime
import ServiceKit
import Settings
import Synchronization
import TestKit
import Testing
import Wire

@testable import Messaging

/// Hears cups being filled; what happens then is the test's.
final class SinkModule: ServiceModule {
  /// What the test wants to happen; found by the setting `sink.script`, as a module is made by the process.
  final class Script: Sendable {
    let inTransaction: @Sendable (CupFilled) throws -> Void
    let calling: @Sendable (CupFilled) async throws -> Void
    init(
      inTransaction: @escaping @Sendable (CupFilled) throws -> Void = { _ in },
      calling: @escaping @Sendable (CupFilled) async throws -> Void = { _ in }
    ) {
      self.inTransaction = inTransaction
      self.calling = calling
    }
  }

  private static let scripts = Mutex<[String: Script]>([:])
  static func settings(_ script: Script) -> [String: String] {
    scripts.withLock { scripts in
      scripts["\(scripts.count)"] = script
      return ["sink.script": "\(scripts.count - 1)"]
    }
  }

  static let name = "sink"
  static let routes: [Route] = []
  static let migrations = [
    Migration("sink-1", "CREATE TABLE sink_filled (position {serial}, cup TEXT NOT NULL, amount BIGINT NOT NULL)")
  ]

  let host: Host
  let script: Script
  init(_ host: Host) {
    self.host = host
    let key = host.settings.text("sink.script", default: "", "")
    script = Self.scripts.withLock { $0[key] } ?? Script()
  }
  var operations: [any HostedOperation] { [] }
  var reactions: [Reaction] {
    [
      .inTransaction("WhenCupFilled", CupFilled.self) { [script] event, _, transaction in
        try script.inTransaction(event)
        try transaction.run("INSERT INTO sink_filled (cup, amount) VALUES (?, ?)", .text(event.cup), .integer(event.amount))
      },
      .calling("WhenCupFilledCall", CupFilled.self) { [script] event, _ in try await script.calling(event) },
      .onEveryNode("WhenCupFilledShow", CupFilled.self) { [host] event, _ in host.channels.publish("cup", to: "cups", event) }
    ]
  }

  static func filled(_ database: any Database, cup: String? = nil) async throws -> [Int] {
    try await database.read { transaction in
      if let cup { return try transaction.all("SELECT amount FROM sink_filled WHERE cup = ? ORDER BY position", .text(cup)) { $0.integer(0) } }
      return try transaction.all("SELECT amount FROM sink_filled ORDER BY position") { $0.integer(0) }
    }
  }
}

@Suite struct MessagingTests {
  struct Broken: Error {}

  @Test func whatFailsIsTriedAgainInOrderAndHoldsUpNobodyElse() async throws {
    let (tries, isMended) = (Notes<Int>(), Notes<Bool>())
    let script = SinkModule.Script { event in
      guard event.cup == "bad", event.amount == 2 else { return }
      tries.add(event.amount)
      if isMended.count == 0 { throw Broken() }
    }
    try await ServiceHarness.with([KettleModule.self, SinkModule.self], settings: SinkModule.settings(script)) { harness in
      for amount in 1...10 { for cup in ["bad", "good"] { _ = try await harness.call(FillCup(cup: cup, amount: amount)) } }
      try await harness.settle()
      #expect(try await SinkModule.filled(harness.database, cup: "good") == Array(1...10))
      #expect(try await SinkModule.filled(harness.database, cup: "bad") == [1])
      let before = tries.count
      try await harness.advance(by: .seconds(1), until: "it was tried again") { tries.count > before }
      #expect(try await SinkModule.filled(harness.database, cup: "bad") == [1])
      isMended.add(true)
      try await harness.advance(by: .seconds(1), until: "all of the bad cup") {
        try await SinkModule.filled(harness.database, cup: "bad").count == 10
      }
      #expect(try await SinkModule.filled(harness.database, cup: "bad") == Array(1...10))
      // The place is open again: what comes now goes straight through.
      _ = try await harness.call(FillCup(cup: "bad", amount: 11))
      try await harness.settle()
      #expect(try await SinkModule.filled(harness.database, cup: "bad").last == 11)
    }
  }

  @Test func whatKeepsFailingEndsAmongTheDeadLettersAndCanComeBack() async throws {
    let isBroken = Notes<Bool>()
    let script = SinkModule.Script(calling: { event in if event.amount == 1, isBroken.count == 0 { throw Broken() } })
    var settings = SinkModule.settings(script)
    settings["messaging.attempts"] = "3"
    try await ServiceHarness.with([KettleModule.self, SinkModule.self], settings: settings) { harness in
      for amount in 1...3 { _ = try await harness.call(FillCup(cup: "a", amount: amount)) }
      let letters = try #require(harness.process.deadLetters(of: "sink"))
      try await harness.advance(by: .seconds(2), until: "a dead letter") { try await letters.list().count == 1 }
      let letter = try #require(try await letters.list().first)
      #expect(letter.attempts == 3 && letter.reaction == "WhenCupFilledCall" && letter.reason.contains("Broken"))
      #expect(try letter.envelope.event(as: CupFilled.self) == CupFilled(cup: "a", amount: 1))
      // Those behind it went on, and nothing is parked any more.
      try await harness.advance(by: .seconds(1), until: "nothing parked") { try await Self.parked(harness.database) == 0 }
      isBroken.add(false)
      #expect(try await letters.replay(letter.position))
      #expect(try await !letters.replay(letter.position))
      try await harness.advance(by: .seconds(1), until: "nothing parked") { try await Self.parked(harness.database) == 0 }
      #expect(try await letters.list().isEmpty)
    }
  }

  @Test func beingUnavailableIsNoReasonToGiveUp() async throws {
    let tries = Notes<Int>()
    let script = SinkModule.Script(calling: { _ in if tries.add(numbered: { $0 }) <= 20 { throw Unavailable("gone") } })
    try await ServiceHarness.with([KettleModule.self, SinkModule.self], settings: SinkModule.settings(script)) { harness in
      _ = try await harness.call(FillCup(cup: "a", amount: 1))
      try await harness.advance(by: .seconds(120), until: "tried often enough") { tries.count == 21 }
      #expect(try await harness.process.deadLetters(of: "sink")?.list().isEmpty == true)
      try await harness.advance(by: .seconds(1), until: "nothing parked") { try await Self.parked(harness.database) == 0 }
    }
  }

  @Test func aReactionThatHangsHoldsUpNeitherSocketsNorTransactions() async throws {
    let (gate, called) = (CacheTests.Gate(), Notes<CupFilled>())
    let script = SinkModule.Script(calling: { event in
      await gate.pass()
      called.add(event)
    })
    try await ServiceHarness.with([KettleModule.self, SinkModule.self], settings: SinkModule.settings(script)) { harness in
      defer { gate.open() }  // Whatever fails, what waits at the gate goes on, and the harness ends.
      let frames = FrameRecorder()
      _ = harness.process.channels.join("cups", cursor: nil, frames)
      let cups = (0..<40).map { "cup \($0)" }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for cup in cups { group.addTask { for amount in 1...50 { _ = try await harness.call(FillCup(cup: cup, amount: amount)) } } }
        try await group.waitForAll()
      }
      try await eventually("every frame") { frames.texts.count == 2000 }
      try await eventually("every transaction") { try await SinkModule.filled(harness.database).count == 2000 }
      #expect(called.count == 0)
      try await eventually("the rest to be parked") { try await Self.parked(harness.database) >= 2000 - 16 * (64 + 64) }
      gate.open()
      try await harness.settle()
      try await harness.advance(by: .seconds(1), atMost: 3000, until: "every call") { called.count >= 2000 }
      for cup in cups { #expect(called.all.filter { $0.cup == cup }.map(\.amount) == Array(1...50), "\(cup)") }
      try await harness.advance(by: .seconds(1), until: "nothing parked") { try await Self.parked(harness.database) == 0 }
    }
  }

  /// A process that dies at any point of publishing, reacting and removing loses nothing and does nothing twice.
  @Test func aCrashAnywhereLosesNothingAndDoublesNothing() async throws {
    var crashAt = 0
    while true {
      let path = temporaryPath("crash.sqlite")
      let called = Notes<Int>()
      let failures = Notes<Int>()
      let script = SinkModule.Script { event in
        if event.amount == 3, failures.add(numbered: { $0 }) == 1 { throw Broken() }
      } calling: {
        called.add($0.amount)
      }
      let time = ManualTime()
      var hasCrashed = true
      for life in 0..<2 {
        let file = try TestDatabase(path: path)
        let database = CrashingDatabase(file, crashAt: life == 0 ? crashAt : nil)
        let ids = time.ids(seed: UInt64(life + 1))
        let process = try ServiceProcess(
          [KettleModule.self, SinkModule.self], settings: SettingsSource(file: SinkModule.settings(script)), database: database, time: time.source,
          ids: ids)
        if life == 0 {
          try await file.migrate(ServiceProcess.migrations(of: [KettleModule.self, SinkModule.self]))
          let outbox = Outbox(service: "kettle", time: time.source, ids: ids) { _, _ in }
          try await file.write { transaction in
            for amount in 1...5 { try outbox.publish(CupFilled(cup: "a", amount: amount), in: transaction) }
          }
        }
        do {
          try await process.prepare()
          let running = Task { await process.run(grace: .milliseconds(20)) }
          try await eventually("settled or dead") {
            if database.hasCrashed { return true }
            await time.advance(by: .seconds(1))
            // Asked of the file: the process may die at any moment.
            let left = try await file.read { transaction in
              try transaction.first("SELECT (SELECT COUNT(*) FROM kettle_outbox) + (SELECT COUNT(*) FROM sink_parked)") { $0.integer(0) }
            }
            return left == 0
          }
          running.cancel()
          await running.value
        } catch is CancellationError {}
        if life == 0 { hasCrashed = database.hasCrashed }
        await file.close()
        await time.advance(by: .seconds(3600))
      }
      let file = try TestDatabase(path: path)
      #expect(try await SinkModule.filled(file) == [1, 2, 3, 4, 5], "crash at \(crashAt)")
      #expect(Set(called.all) == [1, 2, 3, 4, 5], "crash at \(crashAt)")
      #expect(try await file.read { try $0.first("SELECT COUNT(*) FROM kettle_outbox") { $0.integer(0) } } == 0, "crash at \(crashAt)")
      await file.close()
      if !hasCrashed { break }
      crashAt += 1
    }
    #expect(crashAt >= 10)
  }

  @Test func anEventReachesTheSocketWhileSlowReactionsAreStillBusy() async throws {
    let gate = CacheTests.Gate()
    let script = SinkModule.Script(calling: { _ in await gate.pass() })
    try await ServiceHarness.with([KettleModule.self, SinkModule.self], settings: SinkModule.settings(script)) { harness in
      defer { gate.open() }
      final class Counter: Channels.Listener {
        let frames = Notes<Int>()
        func deliver(_ frame: [UInt8]) { frames.add(frame.count) }
      }
      let counter = Counter()
      _ = harness.process.channels.join("cups", cursor: nil, counter)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for cup in 0..<50 {
          group.addTask { for amount in 1...20 { _ = try await harness.call(FillCup(cup: "\(cup)", amount: amount)) } }
        }
        try await group.waitForAll()
      }
      // Not one reaction that calls has been let through its gate, and every frame is there.
      try await eventually { counter.frames.count == 1000 }
      gate.open()
    }
  }

  @Test func whatIsInHandIsFinishedWhenTheProcessStops() async throws {
    let (gate, called) = (CacheTests.Gate(), Notes<Int>())
    let script = SinkModule.Script(calling: { event in
      await gate.pass()
      called.add(event.amount)
    })
    let database = try await temporaryDatabase()
    let time = ManualTime()
    let process = try ServiceProcess(
      [KettleModule.self, SinkModule.self], settings: SettingsSource(file: SinkModule.settings(script)), database: database, time: time.source,
      ids: time.ids())
    try await process.prepare()
    let running = Task { await process.run() }
    _ = try await Caller.$current.withValue(.system) { try await process.switchboard.call(FillCup(cup: "a", amount: 1)) }
    try await eventually("the call begins") { gate.count == 1 }
    running.cancel()
    try await Task.sleep(for: .milliseconds(20))
    gate.open()
    await running.value
    #expect(called.all == [1])
    #expect(try await process.isSettled())
    await database.close()
  }

  @Test func oldMarksAreForgottenAndNewOnesKept() async throws {
    try await ServiceHarness.with([KettleModule.self, SinkModule.self], isWithJobs: false) { harness in
      let marks: @Sendable () async throws -> Int? = {
        try await harness.database.read { try $0.first("SELECT COUNT(*) FROM sink_inbox") { $0.integer(0) } }
      }
      _ = try await harness.call(FillCup(cup: "a", amount: 1))
      try await harness.settle()
      await harness.time.advance(by: .seconds(2 * 86_400))
      _ = try await harness.call(FillCup(cup: "a", amount: 2))
      try await harness.settle()
      try await harness.process.prune()
      #expect(try await marks() == 4)
      await harness.time.advance(by: .seconds(86_401))
      try await harness.process.prune()
      #expect(try await marks() == 2)
    }
  }

  @Test func whatIsParkedIsTakenUpByOneProcessAtATime() async throws {
    let time = ManualTime()
    let database = try await temporaryDatabase(Inbox.migrations(for: "sink"))
    let ids = IdentifierSource(time: time.source)
    let inbox = Inbox(service: "sink")
    let event = Envelope(
      id: ids.next(), name: "cup.filled", version: 1, topic: .orders, time: time.source.now, tenant: nil, aggregate: "cup:1", sequence: 1,
      correlationID: nil, payload: RawJSON(bytes: Array("{}".utf8)))
    let now = time.source.now
    try await database.write { try inbox.park(event, "WhenFilled", attempts: 0, due: now, error: nil, in: $0) }
    let head = try #require(try await database.read { try inbox.firstParked("WhenFilled", "cup:1", in: $0) })
    // Both have read it before either takes it.
    let taken = try await database.write { try inbox.lease(head, until: now + .seconds(30), in: $0) }
    let again = try await database.write { try inbox.lease(head, until: now + .seconds(30), in: $0) }
    #expect(taken && !again)
    #expect(try await database.read { try inbox.due(at: now + .seconds(29), limit: 9, in: $0) }.isEmpty)
    #expect(try await database.read { try inbox.due(at: now + .seconds(30), limit: 9, in: $0) }.count == 1, "its process may have died")
    await database.close()
  }

  @Test func aLinkTellsSinceWhenItIsAsItIs() throws {
    let link = LinkHealth(Logger(label: "test"), up: "up", away: "away", metadata: [:])
    #expect(!link.isUp && link.problem == "not connected yet")
    let start = link.since
    link.noteAway("no route")
    #expect(link.problem == "no route" && link.since == start)
    link.noteUp()
    let up = link.since
    link.noteUp()
    #expect(link.isUp && link.problem.isEmpty && up > start && link.since == up)
    let other = LinkHealth(isUp: true, Logger(label: "test"), up: "up", away: "away", metadata: [:])
    #expect(BusStatus(broker: "B", [link, other], lag: [:], unconfirmed: 0).since == max(up, other.since))
    link.noteAway("gone")
    let status = BusStatus(broker: "B", [other, link], lag: [:], unconfirmed: 0)
    #expect(!status.isUp && status.problem == "gone" && status.since == link.since)
    #expect(!BusStatus(broker: "B", [], lag: [:], unconfirmed: 0).isUp)
  }

  @Test func anEventIsThroughWhenTheLastOneIs() {
    let through = Notes<EventID>()
    let (first, second) = (EventID(high: 1, low: 1), EventID(high: 1, low: 2))
    let countdown = Countdown([first: 2, second: 1]) { through.add($0) }
    countdown.done(first)
    countdown.done(second)
    countdown.done(second)
    #expect(through.all == [second])
    countdown.done(first)
    #expect(through.all == [second, first])
  }

  static func parked(_ database: any Database) async throws -> Int {
    try await database.read { try $0.first("SELECT COUNT(*) FROM sink_parked") { $0.integer(0) } } ?? 0
  }
}
