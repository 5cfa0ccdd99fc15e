import Kernel
import ServiceKit
import Synchronization

/// Remembers the calls of the last while, so that none is believed twice.
final class ReplayGuard: Sendable {
  private struct State {
    var young: Set<UInt64> = []
    var old: Set<UInt64> = []
    var turnsAt = Instant(milliseconds: 0)
  }

  private let memory: Duration
  private let time: TimeSource
  private let state = Mutex(State())

  /// - Parameter memory: how long a call could be believed; it is remembered at least as long.
  init(memory: Duration, time: TimeSource) {
    self.memory = memory
    self.time = time
  }

  /// Whether this signature comes for the first time.
  func admit(_ signature: [UInt8]) -> Bool {
    // Eight of its 32 bytes: two calls of one memory that share them by chance are rarer than a broken machine.
    let mark = signature.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let now = time.now
    return state.withLock { state in
      if now >= state.turnsAt {
        // What is older than two turns was forgotten already.
        state.old = now >= state.turnsAt + memory ? [] : state.young
        state.young = []
        state.turnsAt = now + memory
      }
      guard !state.old.contains(mark) else { return false }
      return state.young.insert(mark).inserted
    }
  }
}
