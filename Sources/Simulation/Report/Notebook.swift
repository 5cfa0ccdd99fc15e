import Kernel
import ServiceKit
import Synchronization
import WebClient

/// Where everyone in a simulated day writes what they saw and what they did, from any thread.
public final class Notebook: Sendable {
  private struct State {
    var record: DayRecord
    var observations = Observations()
  }

  private let state: Mutex<State>

  public init(_ instance: Instance) { state = Mutex(State(record: DayRecord(instance: instance))) }

  var record: DayRecord { state.withLock { $0.record } }
  var breaches: [Breach] { state.withLock { $0.observations.breaches() } }

  var breachCount: Int { state.withLock { $0.observations.seen.count } }

  /// The breaches seen while the day runs, but for the first few that were told already.
  func breaches(from count: Int) -> [Breach] { state.withLock { Array($0.observations.seen.dropFirst(count)) } }

  func note(_ change: (inout DayRecord) -> Void) { state.withLock { change(&$0.record) } }
  func observe(_ change: (inout Observations) -> Void) { state.withLock { change(&$0.observations) } }

  /// Counts an error by its kind.
  func failed(_ what: String, _ error: any Error) {
    let kind =
      switch error {
      case let problem as WebProblem: problem.code
      case is NoAnswer: "no_answer"
      default: "\(type(of: error))"
      }
    note { $0.failed("\(what):\(kind)") }
  }

  /// How long everybody asks again while the server is away: longer than a part of it that was killed takes to come back.
  static let patience = Duration.seconds(90)

  /// Tries what may be repeated again and again while the server is away or busy, counting every failure.
  func attempt<Value: Sendable>(_ what: String, _ body: () async throws -> Value) async throws -> Value {
    var pause = Duration.milliseconds(50)
    let end = ContinuousClock.now + Self.patience
    while true {
      do { return try await body() } catch {
        if error is CancellationError { throw error }
        failed(what, error)
        let isPassing = error is NoAnswer || [429, 502, 503, 504].contains((error as? WebProblem)?.status)
        guard isPassing, ContinuousClock.now < end else { throw error }
        try await ContinuousClock().sleep(for: pause)
        pause = min(pause * 2, .seconds(1))
      }
    }
  }
}
