import Foundation
import Kernel
import Messaging
import Persistence
import PersistencePostgres
import Sagas
import ServiceKit
import TestKit
import Testing
import Wire

/// What is particular to PostgreSQL: several writers, lost connections, several processes.
@Suite struct PersistencePostgresTests {
  static let accounts = Migration("test-1", "CREATE TABLE test_accounts (name TEXT PRIMARY KEY, amount BIGINT NOT NULL)")

  @Test func everyKindOfValueComesBackAsItWas() async throws {
    let database = try temporarySchema()
    try await database.migrate([Migration("test-1", "CREATE TABLE test_values (a BIGINT, b DOUBLE PRECISION, c TEXT, d {bytes})")])
    let rows: [[SQLValue]] = [
      [.integer(.max), .real(0.1 + 0.2), .text("it's \"?\" ümläut 🍕"), .bytes([0, 255, 92, 39])],
      [.integer(.min), .real(-1e300), .text(""), .bytes([])],
      [.null, .null, .null, .null],
      [.integer(0), .real(0), .text(String(repeating: "x", count: 100_000)), .bytes([UInt8](repeating: 7, count: 100_000))]
    ]
    try await database.write { transaction in
      for row in rows { try transaction.run("INSERT INTO test_values (a, b, c, d) VALUES (?, ?, ?, ?)", row) }
    }
    let found = try await database.read { transaction in
      try transaction.all("SELECT a, b, c, d, '?' FROM test_values ORDER BY a IS NULL, a = 0, a DESC") { row -> [SQLValue] in
        #expect(row.text(4) == "?")
        return [
          .optional(row.optionalInteger(0)), .optional(row.optionalReal(1)), .optional(row.optionalText(2)),
          row.isNull(3) ? .null : .bytes(row.bytes(3))
        ]
      }
    }
    #expect(found == [rows[0], rows[1], rows[3], rows[2]])
    await database.close()
  }

  /// Two bodies that look and then act: at most one of them may find what it looks for, with any number of writers.
  @Test func whoLooksAndThenActsIsRightBesideOthers() async throws {
    let schema = temporarySchemaName()
    let processes = try [temporarySchema(schema, writers: 4), temporarySchema(schema, writers: 4)]
    try await processes[0].migrate([Self.accounts])
    try await processes[0].write { transaction in
      for index in 0..<10 { try transaction.run("INSERT INTO test_accounts VALUES (?, 100)", .text("\(index)")) }
    }
    struct Empty: Error {}
    // Takes from one account only while all together hold enough: a skew of writes would take too much.
    let taken = try await withThrowingTaskGroup(of: Int.self) { group in
      for number in 0..<200 {
        group.addTask {
          do {
            try await processes[number % 2].write { transaction in
              let sum = try transaction.first("SELECT SUM(amount) FROM test_accounts") { $0.integer(0) } ?? 0
              if sum < 10 { throw Empty() }
              try transaction.run("UPDATE test_accounts SET amount = amount - 10 WHERE name = ?", .text("\(number % 10)"))
            }
            return 1
          } catch is Empty { return 0 }
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(taken == 100)
    #expect(try await processes[0].read { try $0.first("SELECT SUM(amount) FROM test_accounts") { $0.integer(0) } } == 0)
    for process in processes { await process.close() }
  }

  @Test func whatOneBodyBreaksIsUndoneAloneAndTold() async throws {
    let database = try temporarySchema(writers: 1)
    try await database.migrate([Self.accounts])
    let kinds = Notes<ConstraintViolation.Kind>()
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<60 {
        group.addTask {
          do {
            try await database.write { transaction in
              try transaction.run("INSERT INTO test_accounts VALUES (?, 1)", .text("\(number)"))
              if number % 6 == 0 { try transaction.run("INSERT INTO test_accounts VALUES (?, 2)", .text("\(number)")) }
            }
          } catch let violation as ConstraintViolation { kinds.add(violation.kind) } catch { Issue.record("\(error)") }
        }
      }
    }
    #expect(kinds.all == Array(repeating: .unique, count: 10))
    #expect(try await database.read { try $0.first("SELECT COUNT(*) FROM test_accounts WHERE amount = 1") { $0.integer(0) } } == 50)
    await #expect(throws: ConstraintViolation.self) { try await database.write { try $0.run("INSERT INTO test_accounts VALUES (NULL, 1)") } }
    await #expect(throws: StatementFailed.self) { try await database.read { try $0.run("DELETE FROM test_accounts") } }
    await #expect(throws: StatementFailed.self) { try await database.write { try $0.run("NONSENSE") } }
    await #expect(throws: StatementFailed.self) { try await database.write { try $0.run("DELETE FROM test_accounts WHERE name = ?") } }
    await database.close()
  }

  /// The server ends sessions at any moment; no change is lost, and none is done twice.
  @Test func killedSessionsLoseNothingAndDoubleNothing() async throws {
    let schema = temporarySchemaName()
    let database = try temporarySchema(schema, session: schema)
    let killer = try temporarySchema(temporarySchemaName(), writers: 1)
    try await database.migrate([Self.accounts])
    try await database.write { try $0.run("INSERT INTO test_accounts VALUES ('a', 0)") }
    let isOver = Notes<Bool>()
    let answered = try await withThrowingTaskGroup(of: Int.self) { group in
      group.addTask {
        while isOver.count == 0 {
          _ = try await killer.write { transaction in
            try transaction.all(
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ?", .text(schema)
            ) { $0.boolean(0) }.count
          }
          try await Task.sleep(for: .milliseconds(5))
        }
        return 0
      }
      let count = try await withThrowingTaskGroup(of: Int.self) { writers in
        for _ in 0..<8 {
          writers.addTask {
            var done = 0
            for _ in 0..<40 {
              do {
                try await database.write { try $0.run("UPDATE test_accounts SET amount = amount + 1 WHERE name = 'a'") }
                done += 1
              } catch is Unavailable {}
            }
            return done
          }
        }
        return try await writers.reduce(0, +)
      }
      isOver.add(true)
      try await group.waitForAll()
      return count
    }
    #expect(answered > 0)
    #expect(try await database.read { try $0.first("SELECT amount FROM test_accounts") { $0.integer(0) } } == answered)
    await database.close()
    await killer.close()
  }

  @Test func whoFindsNoConnectionInTimeIsRefused() async throws {
    let database = try temporarySchema(writers: 1, wait: .milliseconds(300))
    try await database.migrate([Self.accounts])
    async let slow: Void = database.write { try $0.run("SELECT pg_sleep(1.5)") }
    try await Task.sleep(for: .milliseconds(100))
    await #expect(throws: Unavailable.self) { try await database.write { try $0.run("INSERT INTO test_accounts VALUES ('late', 1)") } }
    try await slow
    #expect(try await database.read { try $0.first("SELECT COUNT(*) FROM test_accounts") { $0.integer(0) } } == 0)
    await database.close()
  }

  /// Of those who wait for the same turn each has his own patience.
  @Test func whoCameLaterIsNotRefusedWithWhoHasWaitedTooLong() async throws {
    let database = try temporarySchema(writers: 1, wait: .seconds(2))
    try await database.migrate([Self.accounts])
    async let slow: Void = database.write { try $0.run("SELECT pg_sleep(3) /* whoCameLater */") }
    try await eventually("the slow one has begun") {
      try await database.read {
        try $0.first(
          "SELECT COUNT(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3)%whoCameLater%' AND pid <> pg_backend_pid()"
        ) { $0.integer(0) }
      } == 1
    }
    let early = Task { try await database.write { try $0.run("INSERT INTO test_accounts VALUES ('early', 1)") } }
    try await Task.sleep(for: .milliseconds(1400))
    async let late: Void = database.write { try $0.run("INSERT INTO test_accounts VALUES ('late', 1)") }
    await #expect(throws: Unavailable.self) { try await early.value }
    try await late
    try await slow
    #expect(try await database.read { try $0.all("SELECT name FROM test_accounts") { $0.text(0) } } == ["late"])
    await database.close()
  }

  /// Reads that may be stale go to the follower, and to the first server while it is gone.
  @Test func aFollowerIsReadFromAndPassedByWhenItIsGone() async throws {
    let url = try temporarySchema().settings.url
    let schema = temporarySchemaName()
    for (follower, isThere) in [(url + "_follower", true), ("postgres://tiffin@127.0.0.1:9/none", false)] {
      let database = try PostgresDatabase(PostgresSettings(url: url, readURL: follower, schema: schema, writers: 1, readers: 1))
      try await database.migrate([Self.accounts])
      let session = try await database.readStale { transaction in
        try transaction.first("SELECT current_setting('application_name'), (SELECT COUNT(*) FROM test_accounts)") { $0.text(0) }
      }
      #expect(session == (isThere ? "tiffin_follower" : "tiffin"))
      await #expect(throws: StatementFailed.self) { try await database.readStale { try $0.run("DELETE FROM test_accounts") } }
      await database.close()
    }
  }

  @Test func aServerThatIsNotThereIsToldWithoutThePassword() {
    let settings = PostgresSettings(url: "postgres://tiffin:secret@127.0.0.1:9/none")
    #expect(throws: Unavailable.self) { try PostgresDatabase(settings) }
    #expect(PostgresSettings.withoutPassword(settings.url) == "postgres://tiffin:********@127.0.0.1:9/none")
  }

  /// Old and new processes that start at once apply every migration once.
  @Test func processesThatStartTogetherMigrateOnce() async throws {
    let schema = temporarySchemaName()
    let migrations = (1...5).map {
      Migration("test-\($0)", "CREATE TABLE test_table_\($0) (id BIGINT PRIMARY KEY)", "INSERT INTO test_table_\($0) VALUES (1)")
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<6 {
        group.addTask {
          let process = try temporarySchema(schema, writers: 1)
          try await process.migrate(migrations)
          await process.close()
        }
      }
      try await group.waitForAll()
    }
    let database = try temporarySchema(schema)
    #expect(try await database.read { try $0.first("SELECT COUNT(*) FROM tiffin_migrations") { $0.integer(0) } } == 5)
    await #expect(throws: SchemaTooNew.self) { try await database.migrate(Array(migrations.prefix(4))) }
    await database.close()
  }

  // MARK: Several processes

  @Test func oneOfTheProcessesHasADutyUntilItEnds() async throws {
    let schema = temporarySchemaName()
    let (first, second, stranger) = (try temporarySchema(schema), try temporarySchema(schema), try temporarySchema())
    let chosen = Notes<String>()
    second.peers.whenSignalled("sweep") { chosen.add("second") }
    #expect(await first.peers.holds("sweep"))
    #expect(await !second.peers.holds("sweep"))
    #expect(await stranger.peers.holds("sweep"), "another schema has duties of its own")
    #expect(try await second.peers.isAlive(first.peers.instance))
    first.peers.signal("sweep")
    try await eventually("the signal arrives") { chosen.count >= 1 }
    let before = chosen.count
    await first.close()
    try await eventually("the duty is taken over") { await second.peers.holds("sweep") }
    #expect(chosen.count > before)
    #expect(try await !second.peers.isAlive(first.peers.instance))
    await second.close()
    await stranger.close()
  }

  /// Publishers commit out of order of their positions; the relay hands over all, each aggregate's in order, while it changes hands.
  @Test func theRelayLosesNothingOfSeveralWritersWhoeverCarries() async throws {
    let schema = temporarySchemaName()
    let time = TimeSource.scaled(by: 1, from: Instant(milliseconds: 1_767_607_200_000))
    let processes = try (0..<3).map { _ in try temporarySchema(schema, writers: 4) }
    try await processes[0].migrate(Outbox.migrations(for: "kettle"))
    final class Recorder: Bus {
      let seen = Notes<Envelope>()
      func subscribe(_ subscription: Subscription) {}
      func publish(_ batch: [Envelope], isRepeated: Bool, confirm: @escaping @Sendable (EventID) -> Void) async throws {
        for envelope in batch { seen.add(envelope) }
        await Task.yield()
        for envelope in batch { confirm(envelope.id) }
      }
    }
    let bus = Recorder()
    let relays = processes.map { Relay(service: "kettle", database: $0, bus: bus, time: time) }
    let first = Task { await relays[0].run() }
    try await eventually("the first carries") { await processes[0].peers.holds("relay kettle") }
    let others = relays.dropFirst().map { relay in Task { await relay.run() } }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for cup in 0..<12 {
        group.addTask {
          let index = cup % 3
          let outbox = Outbox(service: "kettle", time: time, ids: IdentifierSource(time: time)) { relays[index].take($0, $1) }
          for amount in 1...25 {
            try await processes[index].write { transaction in
              try outbox.publish(CupFilled(cup: "\(cup)", amount: amount), in: transaction)
              // Holds its position for a while before it is committed.
              if amount % 5 == 0 { try transaction.run("SELECT pg_sleep(0.01)") }
            }
            if cup == 0, amount == 12 { first.cancel() }
          }
        }
      }
      try await group.waitForAll()
    }
    // The first gives up its duty only with its connection.
    await first.value
    await processes[0].close()
    try await eventually("every event was carried") {
      try await processes[1].read { try $0.first("SELECT COUNT(*) FROM kettle_outbox") { $0.integer(0) } } == 0
    }
    for cup in 0..<12 {
      var seen: Set<Int> = []
      let firsts = bus.seen.all.filter { $0.aggregate == "cup:\(cup)" && seen.insert($0.sequence).inserted }.map(\.sequence)
      #expect(firsts == Array(1...25), "cup \(cup)")
    }
    for task in others {
      task.cancel()
      await task.value
    }
    for process in processes.dropFirst() { await process.close() }
  }

  @Wire struct Trip: Hashable, Sendable { var note: String }

  /// A saga is run by one process at a time; that of a dead one is gone on with, and the dead one's late words are not written.
  @Test func aDeadProcessesSagasAreTakenOver() async throws {
    let schema = temporarySchemaName()
    let time = ManualTime()
    let (first, second) = (try temporarySchema(schema, session: schema), try temporarySchema(schema))
    try await first.migrate(SagaRunner.migrations(for: "test"))
    let runs = Notes<String>()
    let gate = CacheTests.Gate()
    @Sendable func saga(_ who: String, waits: Bool) -> Saga<Trip> {
      Saga(
        "trip",
        steps: [
          .init("go") { state in
            runs.add(who)
            if waits { await gate.pass() }
            return .init(state)
          }
        ])
    }
    _ = await first.peers.holds("anything")
    let mine = SagaRunner(service: "test", database: first, time: time.source, quickPauses: [])
    let theirs = SagaRunner(service: "test", database: second, time: time.source, quickPauses: [])
    let running = Task { try await mine.run(saga("first", waits: true), id: "1", state: Trip(note: "a")) { _ in } }
    try await eventually("the first is at it") { runs.count == 1 }
    try await theirs.resume(saga("second", waits: false))
    #expect(runs.all == ["first"], "its process lives")
    // The connection by which the others know that it lives is lost: it counts as dead while it is still at work. It makes a
    // new one within half a second and is alive again, so it is lost until the other has looked in between.
    try await eventually("it is taken over") {
      let killed = try await second.write { transaction in
        try transaction.all("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ?", .text(schema)) { $0.boolean(0) }
          .count
      }
      try await theirs.resume(saga("second", waits: false))
      if killed == 0 { return false }
      return runs.all.contains("second")
    }
    gate.open()
    if case .finished = try await running.value { Issue.record("the first must not end what the second ended") }
    #expect(try await second.read { try $0.first("SELECT COUNT(*) FROM test_saga") { $0.integer(0) } } == 0)
    await first.close()
    await second.close()
  }
}
