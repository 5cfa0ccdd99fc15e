public import ServiceKit
import Synchronization

/// Counts, for each event of a batch, those who are not through with it yet.
public final class Countdown: Sendable {
  private let counts: Mutex<[EventID: Int]>
  private let isOver: @Sendable (EventID) -> Void

  /// - Parameter isOver: called with each event once the last one is through with it.
  public init(_ counts: [EventID: Int], isOver: @escaping @Sendable (EventID) -> Void) {
    self.counts = Mutex(counts.filter { $0.value > 0 })
    self.isOver = isOver
  }

  /// Says that one more is through with the event.
  public func done(_ id: EventID) {
    let isLast = counts.withLock { counts in
      guard let count = counts[id] else { return false }
      counts[id] = count > 1 ? count - 1 : nil
      return count == 1
    }
    if isLast { isOver(id) }
  }
}
