public import Logging
import Synchronization

/// How one end of a bus is: its own thread or task notes it, others ask, and each change is told once in the log.
public final class LinkHealth: Sendable {
  private struct State {
    var isUp: Bool
    var problem: String
    var since = ContinuousClock.now
  }

  private let state: Mutex<State>
  private let logger: Logger
  private let up: Logger.Message
  private let away: Logger.Message
  private let level: Logger.Level
  private let metadata: Logger.Metadata

  /// - Parameters:
  ///   - isUp: whether it counts as up before anything was noted.
  ///   - up: what the log says, at the level, when it comes up.
  ///   - away: what the log warns of when it goes.
  public init(isUp: Bool = false, _ logger: Logger, up: Logger.Message, level: Logger.Level = .info, away: Logger.Message, metadata: Logger.Metadata)
  {
    state = Mutex(State(isUp: isUp, problem: isUp ? "" : "not connected yet"))
    self.logger = logger
    self.up = up
    self.level = level
    self.away = away
    self.metadata = metadata
  }

  public var isUp: Bool { state.withLock { $0.isUp } }
  /// Why it is not up, or empty.
  public var problem: String { state.withLock { $0.problem } }
  /// Since when it is up, or not.
  public var since: ContinuousClock.Instant { state.withLock { $0.since } }

  public func noteUp() { if note(true, "") { logger.log(level: level, up, metadata: metadata) } }

  public func noteAway(_ problem: String) {
    if note(false, problem) { logger.warning(away, metadata: metadata.merging(["problem": "\(problem)"]) { $1 }) }
  }

  /// Was closed on purpose, of which nobody need be told.
  public func noteClosed() { _ = note(false, "closed") }

  private func note(_ isUp: Bool, _ problem: String) -> Bool {
    state.withLock { state in
      let isNews = state.isUp != isUp
      if isNews { state.since = .now }
      (state.isUp, state.problem) = (isUp, problem)
      return isNews
    }
  }
}

extension BusStatus {
  /// Of all ends of a bus together: up while each of them is.
  public init(broker: String, _ links: [LinkHealth], lag: [String: Int], unconfirmed: Int) {
    let away = links.filter { !$0.isUp }
    self.init(
      broker: broker, isUp: !links.isEmpty && away.isEmpty, problem: links.isEmpty ? "not open" : away.first?.problem ?? "",
      since: away.isEmpty ? links.map(\.since).max() : away.map(\.since).min(), lag: lag, unconfirmed: unconfirmed)
  }
}
