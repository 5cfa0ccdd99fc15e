import Foundation
import Synchronization

/// A thread of its own for a client library whose calls block: they would starve the threads that tasks share.
public final class BlockingThread: Sendable {
  private struct State {
    var isOver = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  /// Starts the thread; it ends when the body returns.
  public init(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread { [self] in
      body()
      let waiting = state.withLock { state in
        state.isOver = true
        defer { state.waiting = [] }
        return state.waiting
      }
      for continuation in waiting { continuation.resume() }
    }
    thread.name = name
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// Runs the body on a thread of its own, and answers what it returns.
  public static func result<Value: Sendable>(_ name: String, _ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in _ = BlockingThread(name) { continuation.resume(returning: body()) } }
  }

  /// Waits until the body has returned.
  public func ended() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if !state.isOver { state.waiting.append(continuation) }
        return state.isOver
      }
      if isOver { continuation.resume() }
    }
  }
}
