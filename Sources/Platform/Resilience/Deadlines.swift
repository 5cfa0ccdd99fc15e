import Kernel
public import ServiceKit
import Synchronization

/// Gives up what takes too long.
///
/// Nearly all that is limited ends in time, so a timer for each would be work for nothing: one task sleeps for all of them.
public final class Deadlines: Sendable {
  private struct State {
    var last = 0
    /// By time; what ended in time stays until its turn comes.
    var order: [(due: Instant, number: Int)] = []
    var waiting: [Int: UnsafeContinuation<Void, Never>] = [:]
    /// When the task that sleeps wakes up; nil when none does.
    var wakes: Instant?
  }

  private let time: TimeSource
  private let state = Mutex(State())

  public init(time: TimeSource) { self.time = time }

  /// Runs the body, giving it up when the time is over; the deadline travels with the calls that it makes.
  ///
  /// - Throws: `Unavailable` when the time is over.
  public func within<Value: Sendable>(_ limit: Duration, _ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let end = time.now + limit
    let deadline = min(CallContext.deadline ?? end, end)
    return try await withThrowingTaskGroup(of: Value.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await CallContext.$deadline.withValue(deadline) { try await body() } }
      group.addTask {
        await self.wait(until: end)
        try Task.checkCancellation()
        throw Unavailable("no answer within \(limit)")
      }
      guard let value = try await group.next() else { throw CancellationError() }
      return value
    }
  }

  /// Waits until the moment, or until the task is cancelled.
  private func wait(until due: Instant) async {
    let number = state.withLock { state in
      state.last += 1
      return state.last
    }
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let sleeps = state.withLock { state -> Bool? in
          // Cancelled before it waits: the handler has run, and would not find it.
          if Task.isCancelled { return nil }
          state.waiting[number] = continuation
          let place = state.order.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
          state.order.insert((due, number), at: place)
          guard state.wakes.map({ due < $0 }) ?? true else { return false }
          state.wakes = due
          return true
        }
        guard let sleeps else { return continuation.resume() }
        if sleeps { Task { await self.sleep(until: due) } }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
    }
  }

  /// Sleeps until one deadline after the other, as long as there are any, or an earlier one has a sleeper of its own.
  private func sleep(until first: Instant) async {
    var next: Instant? = first
    while let due = next {
      try? await time.sleep(for: max(.zero, due.since(time.now)))
      let now = time.now
      let over: [UnsafeContinuation<Void, Never>]
      (over, next) = state.withLock { state in
        let passed = state.order.prefix { $0.due <= now || state.waiting[$0.number] == nil }
        let over = passed.compactMap { state.waiting.removeValue(forKey: $0.number) }
        state.order.removeFirst(passed.count)
        guard state.wakes == due else { return (over, nil) }
        state.wakes = state.order.first?.due
        return (over, state.wakes)
      }
      for continuation in over { continuation.resume() }
    }
  }
}
