import OrderingAPI
import Persistence
import ServiceKit

/// Answers `GetOrder`.
struct GetOrderHandler: Sendable {
  let database: any Database
  let store: OrderStore

  func callAsFunction(_ request: GetOrder) async throws -> Order {
    let caller = Caller.current
    return try await database.read { transaction in
      guard let order = try store.find(request.orderId, in: transaction), order.isVisible(to: caller) else { throw OrderRefusal.unknown }
      return try store.order(order, in: transaction)
    }
  }
}
