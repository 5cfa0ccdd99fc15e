public import Kernel
public import ServiceKit
import Synchronization

/// A time that stands still until the test moves it; who sleeps wakes in the order of the times they wait for.
///
///     let time = ManualTime()
///     let cache = Cache<Int, Int>(capacity: 3, keep: .seconds(5), time: time.source)
///     await time.advance(by: .seconds(6))
public final class ManualTime: Sendable {
  private struct Sleeper {
    let id: Int
    let due: Instant
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var now: Instant
    var sleepers: [Sleeper] = []
    var cancelled: Set<Int> = []
    var count = 0
  }

  private let state: Mutex<State>

  /// - Parameter start: a Monday morning unless said otherwise.
  public init(_ start: Instant = Instant(milliseconds: 1_767_607_200_000)) { state = Mutex(State(now: start)) }

  public var now: Instant { state.withLock { $0.now } }
  /// How many tasks sleep on this time.
  public var sleeping: Int { state.withLock { $0.sleepers.count } }

  public var source: TimeSource { TimeSource(now: { self.now }, sleep: { try await self.sleep(for: $0) }) }

  /// Ids of this time; the same seed gives the same ids.
  public func ids(seed: UInt64 = 1) -> IdentifierSource { IdentifierSource(time: source, generator: SeededGenerator(seed)) }

  /// Moves on, waking sleepers one by one, each at its own moment, and letting those woken go to sleep again.
  public func advance(by duration: Duration) async {
    let end = now + duration
    while true {
      let next = state.withLock { state -> Sleeper? in
        guard
          let index = state.sleepers.indices.min(by: {
            (state.sleepers[$0].due, state.sleepers[$0].id) < (state.sleepers[$1].due, state.sleepers[$1].id)
          }),
          state.sleepers[index].due <= end
        else {
          state.now = end
          return nil
        }
        state.now = max(state.now, state.sleepers[index].due)
        return state.sleepers.remove(at: index)
      }
      guard let next else { break }
      next.continuation.resume()
      for _ in 0..<20 { await Task.yield() }
    }
    for _ in 0..<20 { await Task.yield() }
  }

  private func sleep(for duration: Duration) async throws {
    try Task.checkCancellation()
    if duration <= .zero { return await Task.yield() }
    let id = state.withLock { state in
      state.count += 1
      return state.count
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let isCancelled = state.withLock { state in
          if state.cancelled.remove(id) != nil { return true }
          state.sleepers.append(Sleeper(id: id, due: state.now + duration, continuation: continuation))
          return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      let sleeper = state.withLock { state -> Sleeper? in
        guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
          state.cancelled.insert(id)
          return nil
        }
        return state.sleepers.remove(at: index)
      }
      sleeper?.continuation.resume(throwing: CancellationError())
    }
  }
}

/// Random numbers that a seed determines (SplitMix64); print the seed of a property test, so that a failure can be repeated.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(_ seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
