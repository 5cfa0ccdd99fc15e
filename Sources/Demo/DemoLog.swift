import ServiceKit
import Synchronization
import WebClient

/// What goes wrong for the bots: each kind is told once in a while, and never ends the city.
final class DemoLog: Sendable {
  private let counts = Mutex<[String: Int]>([:])
  private let announce: @Sendable (String) -> Void

  init(_ announce: @escaping @Sendable (String) -> Void) { self.announce = announce }

  func say(_ text: String) { announce(text) }

  /// Does something that may fail without consequence.
  func attempt(_ what: String, _ work: () async throws -> Void) async {
    do {
      try await work()
    } catch {
      guard !(error is CancellationError), !Task.isCancelled else { return }
      let kind = (error as? WebProblem).map { "\($0.status) \($0.code)" } ?? "\(type(of: error))"
      let count = counts.withLock { counts in
        counts["\(what): \(kind)", default: 0] += 1
        return counts["\(what): \(kind)"] ?? 1
      }
      // The first, the tenth, the hundredth: enough to know, not enough to drown in.
      if [1, 10, 100, 1000].contains(count) || count % 10_000 == 0 {
        announce("demo: \(what) failed (\(count) times): \(error)")
      }
    }
  }
}
