import Resilience
import ServiceKit
import Synchronization
import TestKit
import Testing

@Suite struct ResilienceTests {
  struct Refused: Error {}

  @Test func theBreakerOpensTriesAndCloses() async throws {
    let time = ManualTime()
    let breaker = CircuitBreaker("bank", time: time.source)
    let fail: @Sendable () async -> Void = { _ = try? await breaker.call { throw Unavailable("gone") } as Void }
    let runs: @Sendable () async -> Bool = { (try? await breaker.call { true }) ?? false }
    for _ in 0..<4 { await fail() }
    #expect(await runs())
    for _ in 0..<4 { await fail() }
    #expect(breaker.condition == .closed)
    _ = try? await breaker.call { throw Refused() } as Void
    for _ in 0..<5 { await fail() }
    #expect(breaker.condition == .open)
    await #expect(throws: Unavailable("bank is not asked after repeated failures", retryAfterSeconds: 30)) { try await breaker.call {} }
    await time.advance(by: .seconds(30))
    #expect(breaker.condition == .halfOpen)
    #expect(await runs())
    await fail()
    #expect(breaker.condition == .open)
    await time.advance(by: .seconds(30))
    for trial in 1...3 {
      #expect(breaker.condition == .halfOpen, "before trial \(trial)")
      #expect(await runs())
    }
    #expect(breaker.condition == .closed)
  }

  @Test func noMoreThanTheTrialsGoThroughAtOnce() async throws {
    let time = ManualTime()
    let breaker = CircuitBreaker("bank", failures: 1, time: time.source)
    _ = try? await breaker.call { throw Unavailable("gone") } as Void
    await time.advance(by: .seconds(31))
    let gate = CacheTests.Gate()
    let passed = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<10 { group.addTask { (try? await breaker.call { await gate.pass() }) != nil } }
      var refused = 0
      while refused < 7, let isThrough = try await group.next() { if !isThrough { refused += 1 } }
      gate.open()
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(passed == 3)
    #expect(breaker.condition == .closed)
  }

  @Test(arguments: [1, 2, 3, 8, 64, 1000]) func aPauseLiesBetweenHalfAndAll(_ attempt: Int) {
    let backoff = Backoff(first: .milliseconds(100), most: .seconds(10))
    var random = SeededGenerator(7)
    let whole = min(10_000, 100 * (attempt < 20 ? 1 << (attempt - 1) : 1 << 20))
    for _ in 0..<200 {
      let pause = backoff.pause(after: attempt, random: random.next())
      #expect(pause >= .milliseconds(whole / 2) && pause <= .milliseconds(whole))
    }
  }

  @Test func onlyWhatPassesIsTriedAgain() async throws {
    let time = ManualTime()
    let ids = time.ids()
    let count = Notes<Void>()
    let backoff = Backoff(first: .milliseconds(100), most: .seconds(1))
    let task = Task {
      try await retrying(attempts: 3, backoff, time: time.source, ids: ids) {
        if count.add(numbered: { _ in () }) < 3 { throw Unavailable("gone") }
        return "there"
      }
    }
    try await eventually {
      await time.advance(by: .milliseconds(200))
      return count.count == 3
    }
    #expect(try await task.value == "there")
    await #expect(throws: Refused.self) {
      try await retrying(attempts: 3, backoff, time: time.source, ids: ids) { () -> Void in
        count.add(())
        throw Refused()
      }
    }
    #expect(count.count == 4)
  }

  @Test func aDeadlineEndsTheWait() async throws {
    let time = ManualTime()
    let deadlines = Deadlines(time: time.source)
    let task = Task { try await deadlines.within(.seconds(2)) { try await time.source.sleep(for: .seconds(60)) } }
    try await eventually { time.sleeping == 2 }
    await time.advance(by: .seconds(3))
    await #expect(throws: Unavailable.self) { try await task.value }
    let deadline = try await deadlines.within(.seconds(2)) { CallContext.deadline }
    #expect(deadline == time.now + .seconds(2))
  }

  private final class Ended: Sendable {
    private let ends = Mutex<[Int: Duration]>([:])
    var all: [Int: Duration] { ends.withLock { $0 } }
    func note(_ limit: Int, _ after: Duration) { ends.withLock { $0[limit] = after } }
  }

  @Test func eachOfManyDeadlinesEndsItsOwnWaitAtItsOwnTime() async throws {
    let time = ManualTime()
    let deadlines = Deadlines(time: time.source)
    let start = time.now
    let ended = Ended()
    // Later ones first, so that an earlier one has to wake up whoever sleeps; every third ends in time.
    let limits = [40, 10, 30, 20, 5, 25]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for limit in limits {
        group.addTask {
          do {
            try await deadlines.within(.seconds(limit)) { try await time.source.sleep(for: .seconds(limit % 3 == 0 ? 1 : 600)) }
            ended.note(limit, .zero)
          } catch is Unavailable { ended.note(limit, time.now.since(start)) }
        }
        try await eventually { time.sleeping >= 1 }
      }
      try await eventually { time.sleeping > limits.count }
      for second in 1...40 {
        await time.advance(by: .seconds(1))
        // The clock waits for who is to see this second.
        let seen = limits.filter { $0 % 3 == 0 || $0 <= second }
        try await eventually { seen.allSatisfy { ended.all[$0] != nil } }
      }
      try await group.waitForAll()
    }
    #expect(ended.all == [40: .seconds(40), 10: .seconds(10), 30: .zero, 20: .seconds(20), 5: .seconds(5), 25: .seconds(25)])
  }

  @Test func whoIsCancelledWaitsNoLonger() async throws {
    let time = ManualTime()
    let deadlines = Deadlines(time: time.source)
    let task = Task { try await deadlines.within(.seconds(2)) { try await time.source.sleep(for: .seconds(60)) } }
    try await eventually { time.sleeping == 2 }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
