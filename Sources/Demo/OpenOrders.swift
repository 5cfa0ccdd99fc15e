import Kernel
import Synchronization

/// The orders of the city that are on their way, and who waits for each.
final class OpenOrders: Sendable {
  private struct Entry {
    let customer: DemoSession
    let since: Instant
  }
  private let entries = Mutex<[String: Entry]>([:])

  var count: Int { entries.withLock { $0.count } }

  func add(_ orderId: String, of customer: DemoSession, at now: Instant) {
    entries.withLock { $0[orderId] = Entry(customer: customer, since: now) }
  }

  /// Who ordered it: whom the courier asks for the hand-over code.
  func customer(of orderId: String) -> DemoSession? { entries.withLock { $0[orderId]?.customer } }

  func remove(_ orderId: String) { entries.withLock { _ = $0.removeValue(forKey: orderId) } }

  /// Forgets what was ordered before that moment; whatever became of it, it no longer counts.
  func forget(before limit: Instant) { entries.withLock { $0 = $0.filter { $0.value.since >= limit } } }
}
