import Caching
import ServiceKit
import Synchronization
import TestKit
import Testing

@Suite struct CacheTests {
  /// A value that goes through when the test says so.
  final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))
    var count: Int { state.withLock { $0.waiting.count } }
    func pass() async {
      await withCheckedContinuation { continuation in
        let isOpen = state.withLock { state in
          if !state.isOpen { state.waiting.append(continuation) }
          return state.isOpen
        }
        if isOpen { continuation.resume() }
      }
    }
    func open() {
      let waiting = state.withLock { state in
        defer { state = (true, []) }
        return state.waiting
      }
      for continuation in waiting { continuation.resume() }
    }
  }

  @Test func concurrentMissesLoadOnce() async throws {
    let cache = Cache<String, Int>(capacity: 10, keep: .seconds(5), time: ManualTime().source)
    let loads = Notes<Void>()
    let gate = Gate()
    let values = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<50 {
        group.addTask {
          try await cache.value(for: "k") {
            await gate.pass()
            loads.add(())
            return 1
          }
        }
      }
      try await eventually { cache.counts.misses == 50 }
      gate.open()
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(loads.count == 1)
    #expect(values == Array(repeating: 1, count: 50))
    #expect(cache.cached("k") == 1)
  }

  @Test func whatIsInvalidatedWhileItLoadsIsNotKept() async throws {
    let cache = Cache<String, Int>(capacity: 10, keep: .seconds(5), time: ManualTime().source)
    for invalidate in [{ cache.invalidate("k") }, { cache.invalidateAll { $0.hasPrefix("k") } }] {
      let gate = Gate()
      async let old = cache.value(for: "k") {
        await gate.pass()
        return 1
      }
      try await eventually { gate.count == 1 }
      invalidate()
      // Who asks after the invalidation gets a load of its own.
      #expect(try await cache.value(for: "k") { 2 } == 2)
      gate.open()
      #expect(try await old == 1)
      #expect(cache.cached("k") == 2)
      cache.invalidate("k")
    }
  }

  @Test func aFailedLoadFailsAllWhoWaitAndIsTriedAgainByTheNext() async throws {
    let cache = Cache<Int, Int>(capacity: 10, keep: .seconds(5), time: ManualTime().source)
    await #expect(throws: Unavailable.self) { try await cache.value(for: 1) { throw Unavailable("gone") } }
    #expect(try await cache.value(for: 1) { 7 } == 7)
  }

  @Test func whoWaitsForALoadThatIsCancelledLoadsItself() async throws {
    let cache = Cache<Int, Int>(capacity: 10, keep: .seconds(5), time: ManualTime().source)
    let first = Task {
      try await cache.value(for: 1) {
        try await Task.sleep(for: .seconds(60))
        return 1
      }
    }
    try await eventually { cache.counts.misses == 1 }
    let second = Task { try await cache.value(for: 1) { 2 } }
    try await eventually { cache.counts.misses == 2 }
    first.cancel()
    #expect(try await second.value == 2)
  }

  @Test func aValueIsGoodForItsTimeAndSlidingUseMakesItLonger() async throws {
    let time = ManualTime()
    let plain = Cache<Int, Int>(capacity: 10, keep: .seconds(10), time: time.source)
    let sliding = Cache<Int, Int>(capacity: 10, keep: .seconds(10), isSliding: true, time: time.source)
    plain.insert(1, for: 1)
    sliding.insert(1, for: 1)
    await time.advance(by: .seconds(9))
    #expect(plain.cached(1) == 1 && sliding.cached(1) == 1)
    await time.advance(by: .seconds(9))
    #expect(plain.cached(1) == nil && sliding.cached(1) == 1)
    await time.advance(by: .seconds(10))
    #expect(sliding.cached(1) == nil)
  }

  /// Against a dictionary: never a wrong value, never more than fits, and what is used stays.
  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func anyHistoryKeepsItsPromises(_ seed: UInt64) async throws {
    print("seed \(seed)")
    var random = SeededGenerator(seed)
    let time = ManualTime()
    let capacity = Int.random(in: 1...20, using: &random)
    let cache = Cache<Int, Int>(capacity: capacity, keep: .seconds(50), time: time.source)
    var model: [Int: (value: Int, at: Int)] = [:]
    for step in 0..<5000 {
      let key = Int.random(in: 0..<40, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<4:
        cache.insert(step, for: key)
        model[key] = (step, time.now.milliseconds)
      case 4:
        cache.invalidate(key)
        model[key] = nil
      case 5 where step % 50 == 0:
        cache.invalidateAll { $0 % 2 == 0 }
        model = model.filter { $0.key % 2 != 0 }
      case 6: await time.advance(by: .seconds(1))
      default:
        if let value = cache.cached(key) {
          #expect(value == model[key]?.value)
          #expect(time.now.milliseconds - (model[key]?.at ?? 0) < 50_000)
        }
      }
      #expect(cache.count <= capacity)
    }
    cache.insert(-1, for: 1000)
    for key in 2000..<2000 + capacity * 3 where capacity > 1 {
      #expect(cache.cached(1000) == -1)
      cache.insert(0, for: key)
    }
  }
}
