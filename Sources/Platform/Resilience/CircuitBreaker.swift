import Kernel
public import ServiceKit
import Synchronization

/// Stops asking something that keeps failing, and tries it again after a while.
///
/// Open after `failures` in a row; after `pause` half open: up to `trials` calls go through, which close it when all succeed and
/// open it again when one fails.
public final class CircuitBreaker: Sendable {
  public enum Condition: String, Sendable {
    case closed, open
    case halfOpen = "half open"
  }

  private enum State {
    case closed(failures: Int)
    case open(until: Instant)
    case halfOpen(begun: Int, succeeded: Int)
  }

  private let name: String
  private let failures: Int
  private let pause: Duration
  private let trials: Int
  private let time: TimeSource
  private let state = Mutex((state: State.closed(failures: 0), round: 0))

  public init(_ name: String, failures: Int = 5, pause: Duration = .seconds(30), trials: Int = 3, time: TimeSource) {
    self.name = name
    self.failures = failures
    self.pause = pause
    self.trials = trials
    self.time = time
  }

  public var condition: Condition {
    state.withLock {
      switch $0.state {
      case .closed: .closed
      case .open(let until): until > time.now ? .open : .halfOpen
      case .halfOpen: .halfOpen
      }
    }
  }

  /// Runs the body unless the breaker is open.
  ///
  /// - Parameter counts: which errors say that the other side is ill; a refusal is an answer of a healthy one.
  /// - Throws: `Unavailable` without running the body while open.
  public func call<Value>(counts: (any Error) -> Bool = isPassing, _ body: () async throws -> Value) async throws -> Value {
    let round = try enter()
    do {
      let value = try await body()
      leave(round, .succeeded)
      return value
    } catch {
      leave(round, error is CancellationError ? .unknown : counts(error) ? .failed : .succeeded)
      throw error
    }
  }

  /// Lets trials through before the pause is over, for there is word that the other side is well again.
  public func allowTrials() {
    let now = time.now
    state.withLock { if case .open = $0.state { $0.state = .open(until: now) } }
  }

  private enum Outcome { case succeeded, failed, unknown }

  private func enter() throws -> Int {
    let now = time.now
    return try state.withLock { value in
      switch value.state {
      case .closed: break
      case .open(let until) where until > now:
        throw Unavailable("\(name) is not asked after repeated failures", retryAfterSeconds: max(1, Int(until.since(now).seconds.rounded(.up))))
      case .open:
        value.round += 1
        value.state = .halfOpen(begun: 1, succeeded: 0)
      case .halfOpen(let begun, let succeeded):
        guard begun < trials else { throw Unavailable("\(name) is being tried again", retryAfterSeconds: 1) }
        value.state = .halfOpen(begun: begun + 1, succeeded: succeeded)
      }
      return value.round
    }
  }

  private func leave(_ round: Int, _ outcome: Outcome) {
    let now = time.now
    state.withLock { value in
      // A call that began before the breaker last changed says nothing about now.
      guard value.round == round else { return }
      switch (value.state, outcome) {
      case (.closed, .succeeded): value.state = .closed(failures: 0)
      case (.closed(let count), .failed) where count + 1 >= failures: open(&value, now)
      case (.closed(let count), .failed): value.state = .closed(failures: count + 1)
      case (.halfOpen, .failed): open(&value, now)
      case (.halfOpen(_, let succeeded), .succeeded) where succeeded + 1 >= trials:
        value.round += 1
        value.state = .closed(failures: 0)
      case (.halfOpen(let begun, let succeeded), .succeeded): value.state = .halfOpen(begun: begun, succeeded: succeeded + 1)
      case (.halfOpen(let begun, let succeeded), .unknown): value.state = .halfOpen(begun: begun - 1, succeeded: succeeded)
      case (.closed, .unknown), (.open, _): break
      }
    }
  }

  private func open(_ value: inout (state: State, round: Int), _ now: Instant) {
    value.round += 1
    value.state = .open(until: now + pause)
  }
}
