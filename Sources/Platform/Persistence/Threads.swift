import Foundation
import Synchronization

/// Threads that somebody waits for.
package final class Threads: Sendable {
  private struct State {
    var running: Int
    var waiting: [UnsafeContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>
  private let finished = DispatchSemaphore(value: 0)

  package init(_ count: Int) { state = Mutex(State(running: count)) }

  package func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread { [self] in
      body()
      let waiting = state.withLock { state -> [UnsafeContinuation<Void, Never>] in
        state.running -= 1
        defer { if state.running == 0 { state.waiting = [] } }
        return state.running == 0 ? state.waiting : []
      }
      finished.signal()
      for continuation in waiting { continuation.resume() }
    }
    thread.name = name
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// Waits, blocking, for one thread to end.
  package func join() { finished.wait() }

  /// Waits until all have ended.
  package func ended() async {
    await withUnsafeContinuation { continuation in
      let isOver = state.withLock { state in
        if state.running > 0 { state.waiting.append(continuation) }
        return state.running == 0
      }
      if isOver { continuation.resume() }
    }
  }
}
