import Dispatch
import ServiceKit
import Synchronization

/// Runs slow computations, a bounded number at once and a bounded number waiting.
final class HashingThreads: Sendable {
  private struct State {
    var running = 0
    var queued: [@Sendable () -> Void] = []
  }

  private enum Turn { case now, later, never }

  private let atOnce: Int
  private let waiting: Int
  private let queue = DispatchQueue(label: "tiffin.passwords", attributes: .concurrent)
  private let state = Mutex(State())

  init(atOnce: Int, waiting: Int) {
    self.atOnce = max(1, atOnce)
    self.waiting = waiting
  }

  func run<Value: Sendable>(_ compute: @escaping @Sendable () -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let work: @Sendable () -> Void = { [self] in
        continuation.resume(returning: compute())
        startNext()
      }
      let turn = state.withLock { state -> Turn in
        if state.running < atOnce {
          state.running += 1
          return .now
        }
        guard state.queued.count < waiting else { return .never }
        state.queued.append(work)
        return .later
      }
      switch turn {
      case .now: queue.async(execute: work)
      case .later: break
      case .never: continuation.resume(throwing: Unavailable("too many passwords are being checked", retryAfterSeconds: 2))
      }
    }
  }

  private func startNext() {
    let next = state.withLock { state -> (@Sendable () -> Void)? in
      guard !state.queued.isEmpty else {
        state.running -= 1
        return nil
      }
      return state.queued.removeFirst()
    }
    if let next { queue.async(execute: next) }
  }
}
