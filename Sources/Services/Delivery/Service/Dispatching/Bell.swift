import Kernel
import Synchronization

/// Wakes the dispatcher before its time: something is there to be dispatched, or somebody is free.
final class Bell: Sendable {
  private struct State {
    var isRung = true  // At the start there is always something to look for.
    var hasFreePartner = true
    var next = Instant(milliseconds: 0)
  }

  private let state = Mutex(State())

  /// A delivery waits that did not before.
  func ring() { state.withLock { $0.isRung = true } }

  /// A partner is free who was not before: what is on the manual list may be tried again at once.
  func ringForPartner() {
    state.withLock {
      $0.isRung = true; $0.hasFreePartner = true
    }
  }

  /// Whether it is time to look, and whether a partner came free since; what rang has been heard then.
  ///
  /// - Parameter pauseMilliseconds: after which it is time even if nothing rang: offers run out, searches begin.
  func hear(now: Instant, pauseMilliseconds: Int) -> (isTime: Bool, hasFreePartner: Bool) {
    state.withLock { state in
      guard state.isRung || now >= state.next else { return (false, false) }
      let hasFreePartner = state.hasFreePartner
      state.isRung = false
      state.hasFreePartner = false
      state.next = Instant(milliseconds: now.milliseconds + pauseMilliseconds)
      return (true, hasFreePartner)
    }
  }
}
