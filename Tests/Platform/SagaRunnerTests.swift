import Persistence
import Sagas
import ServiceKit
import Synchronization
import TestKit
import Testing
import Wire

@Suite struct SagaRunnerTests {
  @Wire struct Trip: Hashable, Sendable {
    var note: String
  }

  struct Refused: Error {}

  /// The world outside of the database, where everything may be done twice.
  final class World: Sendable {
    private let things = Mutex<Set<String>>([])
    func put(_ thing: String) { things.withLock { _ = $0.insert(thing) } }
    func take(_ thing: String) { things.withLock { _ = $0.remove(thing) } }
    var all: Set<String> { things.withLock { $0 } }
  }

  /// Reserve, hold, think, show: with and without changed state, compensation and commit.
  static func saga(_ world: World, _ database: CrashingDatabase, failing: Int?, weather: Weather = Weather(), changesState: Bool = true) -> Saga<Trip>
  {
    @Sendable func effect(_ step: Int, _ thing: String) throws {
      try database.point()
      try weather.check(step)
      if step == failing {
        // Half done all the same: that is what a compensation has to count on.
        world.put(thing)
        throw Refused()
      }
      world.put(thing)
      try database.point()
    }
    @Sendable func undo(_ step: Int, _ thing: String) throws {
      try database.point()
      try weather.check(-step - 1)
      world.take(thing)
      try database.point()
    }
    return Saga(
      "trip",
      steps: [
        .init("reserve") { state in
          try effect(0, "reservation")
          return .init(changesState ? Trip(note: "reserved") : state)
        } compensate: { state in
          try undo(0, "reservation")
          return .init(state) { try $0.run("DELETE FROM test_trips WHERE id = 't'") }
        },
        .init("hold") { state in
          try effect(1, "hold")
          return .init(state)
        } compensate: { state in
          try undo(1, "hold")
          return .init(state)
        },
        .init("think") { state in
          try database.point()
          if failing == 2 { throw Refused() }
          return .init(state)
        },
        .init("show") { state in
          try database.point()
          if failing == 3 { throw Refused() }
          return .init(state) { try $0.run("UPDATE test_trips SET shown = shown + 1 WHERE id = 't'") }
        }
      ])
  }

  /// What is out of reach for a while: so many tries of each step, counted down.
  final class Weather: Sendable {
    private let left: Mutex<[Int: Int]>
    init(_ left: [Int: Int] = [:]) { self.left = Mutex(left) }
    func check(_ step: Int) throws {
      let isGone = left.withLock { left in
        guard let count = left[step], count > 0 else { return false }
        left[step] = count - 1
        return true
      }
      if isGone { throw Unavailable("storm") }
    }
  }

  static let schema =
    SagaRunner.migrations(for: "test") + [Migration("test-9", "CREATE TABLE test_trips (id TEXT PRIMARY KEY, shown BIGINT NOT NULL)")]
  static let begin: @Sendable (any Transaction) throws -> Void = { try $0.run("INSERT INTO test_trips VALUES ('t', 0)") }

  /// One life of the process: it runs the saga or takes it up, and may die.
  static func live(_ file: TestDatabase, _ world: World, failing: Int?, crashAt: Int?, isFirst: Bool, time: ManualTime) async throws -> Bool {
    let database = CrashingDatabase(file, crashAt: crashAt)
    let runner = SagaRunner(service: "test", database: database, time: time.source, quickPauses: [])
    let saga = saga(world, database, failing: failing)
    do {
      if isFirst { _ = try await runner.run(saga, id: "t", state: Trip(note: "new"), begin: begin) } else { try await runner.resume(saga) }
    } catch is CancellationError {}
    return database.hasCrashed
  }

  /// Whole, undone, or never begun; no saga left under way.
  static func check(_ file: TestDatabase, _ world: World, failing: Int?, _ what: Comment) async throws {
    let (rows, shown) = try await file.read { transaction in
      (
        try transaction.first("SELECT COUNT(*) FROM test_saga") { $0.integer(0) },
        try transaction.first("SELECT shown FROM test_trips") { $0.integer(0) }
      )
    }
    #expect(rows == 0, what)
    switch (failing, shown) {
    case (nil, .some): #expect(shown == 1 && world.all == ["reservation", "hold"], what)
    default: #expect(shown == nil && world.all.isEmpty, what)
    }
  }

  @Test(arguments: [nil, 0, 1, 2, 3] as [Int?]) func aCrashAnywhereLeavesItWholeOrUndone(_ failing: Int?) async throws {
    var crashAt = 0
    var wasWhole = false
    while true {
      let file = try await temporaryDatabase(Self.schema)
      let world = World()
      let time = ManualTime()
      let hasCrashed = try await Self.live(file, world, failing: failing, crashAt: crashAt, isFirst: true, time: time)
      _ = try await Self.live(file, world, failing: failing, crashAt: nil, isFirst: false, time: time)
      try await Self.check(file, world, failing: failing, "failing \(failing ?? -1), crash at \(crashAt)")
      if !world.all.isEmpty { wasWhole = true }
      await file.close()
      if !hasCrashed { break }
      crashAt += 1
    }
    #expect(crashAt >= 8)
    #expect(wasWhole == (failing == nil))
  }

  /// Each life may fail at another step than the one before, or at none: what one life did, the next may have to undo.
  @Test(arguments: 1...150 as ClosedRange<UInt64>) func livesThatDieAndChangeTheirMindsLeaveItWholeOrUndone(_ seed: UInt64) async throws {
    var random = SeededGenerator(seed)
    let changesState = Bool.random(using: &random)
    let file = try await temporaryDatabase(Self.schema)
    let (world, time) = (World(), ManualTime())
    var story = "seed \(seed)"
    for life in 0..<5 {
      let failing = [nil, nil, 0, 1, 2, 3].randomElement(using: &random)!
      let crashAt = life == 4 ? nil : Int.random(in: 0..<14, using: &random)
      story += ", failing \(failing ?? -1) crash at \(crashAt ?? -1)"
      let database = CrashingDatabase(file, crashAt: crashAt)
      let runner = SagaRunner(service: "test", database: database, time: time.source, quickPauses: [])
      let saga = Self.saga(world, database, failing: failing, changesState: changesState)
      do {
        if life == 0 {
          _ = try await runner.run(saga, id: "t", state: Trip(note: "new"), begin: Self.begin)
        } else {
          try await runner.resume(saga)
        }
      } catch is CancellationError {}
      await time.advance(by: .seconds(3600))
    }
    let (rows, shown) = try await file.read { transaction in
      (
        try transaction.first("SELECT COUNT(*) FROM test_saga") { $0.integer(0) },
        try transaction.first("SELECT shown FROM test_trips") { $0.integer(0) }
      )
    }
    #expect(rows == 0, "\(story)")
    if shown == nil { #expect(world.all.isEmpty, "\(story)") } else { #expect(shown == 1 && world.all == ["reservation", "hold"], "\(story)") }
    await file.close()
  }

  @Test(arguments: [0, 1]) func whatIsOutOfReachIsWaitedFor(_ step: Int) async throws {
    let file = try await temporaryDatabase(Self.schema)
    let (world, time, database) = (World(), ManualTime(), CrashingDatabase(file, crashAt: nil))
    let runner = SagaRunner(service: "test", database: database, time: time.source, quickPauses: [.zero])
    let saga = Self.saga(world, database, failing: nil, weather: Weather([step: 4]))
    guard case .waiting(_, let reason) = try await runner.run(saga, id: "t", state: Trip(note: "new"), begin: Self.begin) else {
      Issue.record("it did not wait")
      return
    }
    #expect(reason is Unavailable)
    // Not due yet: nothing is tried.
    try await runner.resume(saga)
    #expect(try await Self.attempts(file) == 1)
    await time.advance(by: .seconds(3))
    try await runner.resume(saga)
    #expect(try await Self.attempts(file) == 2)
    await time.advance(by: .seconds(5))
    try await runner.resume(saga)
    try await Self.check(file, world, failing: nil, "")
    #expect(world.all.count == 2)
  }

  @Test func aCompensationIsTriedUntilItWorks() async throws {
    let file = try await temporaryDatabase(Self.schema)
    let (world, time, database) = (World(), ManualTime(), CrashingDatabase(file, crashAt: nil))
    let runner = SagaRunner(service: "test", database: database, time: time.source, quickPauses: [])
    let saga = Self.saga(world, database, failing: 2, weather: Weather([-2: 30, -1: 3]))
    guard case .waiting = try await runner.run(saga, id: "t", state: Trip(note: "new"), begin: Self.begin) else {
      Issue.record("it did not wait")
      return
    }
    for _ in 0..<40 {
      await time.advance(by: .seconds(400))
      try await runner.resume(saga)
    }
    try await Self.check(file, world, failing: 2, "")
  }

  @Test func aSagaUnderWayIsNotBegunAgain() async throws {
    let file = try await temporaryDatabase(Self.schema)
    let (time, gate, begun) = (ManualTime(), CacheTests.Gate(), Notes<Int>())
    let runner = SagaRunner(service: "test", database: file, time: time.source)
    let saga = Saga<Trip>(
      "slow",
      steps: [
        .init("wait") { state in
          await gate.pass()
          return .init(state)
        }
      ])
    let first = Task { try await runner.run(saga, id: "a", state: Trip(note: ""), begin: { _ in begun.add(1) }) }
    try await eventually { gate.count == 1 }
    let second = try await runner.run(saga, id: "a", state: Trip(note: ""), begin: { _ in begun.add(2) })
    guard case .waiting = second else {
      Issue.record("it ran twice")
      return
    }
    try await runner.resume(saga)
    gate.open()
    guard case .finished = try await first.value else {
      Issue.record("it did not finish")
      return
    }
    #expect(begun.all == [1])
  }

  @Test func aRefusedBeginningLeavesNothing() async throws {
    let file = try await temporaryDatabase(Self.schema)
    let runner = SagaRunner(service: "test", database: file, time: ManualTime().source)
    let saga = Saga<Trip>("none", steps: [])
    await #expect(throws: Refused.self) { try await runner.run(saga, id: "a", state: Trip(note: ""), begin: { _ in throw Refused() }) }
    #expect(try await file.read { try $0.first("SELECT COUNT(*) FROM test_saga") { $0.integer(0) } } == 0)
  }

  static func attempts(_ file: TestDatabase) async throws -> Int? {
    try await file.read { try $0.first("SELECT attempts FROM test_saga") { $0.integer(0) } }
  }
}
