import Caching
import OrderingAPI
import Persistence
import ServiceKit

/// Reads whole orders, those that are asked for again and again from memory.
struct OrderReader: Sendable {
  let database: any Database
  let store: OrderStore
  /// Only where no other process writes: nothing would tell of its changes in time.
  let cache: Cache<OrderID, Order>?

  /// A visible order with its history; hidden from whoever may not know of it.
  func order(_ id: OrderID, for caller: Caller) async throws -> Order {
    let order = if let cache { try await cache.value(for: id) { try await load(id) } } else { try await load(id) }
    guard order.isVisible(to: caller) else { throw OrderRefusal.unknown }
    return order
  }

  private func load(_ id: OrderID) async throws -> Order {
    try await database.read { transaction in
      guard let record = try store.find(id, in: transaction) else { throw OrderRefusal.unknown }
      return try store.order(record, in: transaction)
    }
  }
}
