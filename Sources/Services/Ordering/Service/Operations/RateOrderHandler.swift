import Messaging
import OrderingAPI
import Persistence
import ServiceKit

/// Answers `RateOrder`.
struct RateOrderHandler: Sendable {
  let database: any Database
  let store: OrderStore
  let outbox: Outbox
  let time: TimeSource

  func callAsFunction(_ request: RateOrder) async throws -> Order {
    guard let customer = Caller.current.user else { throw Denial.notSignedIn }
    let now = time.now
    return try await database.write { [store, outbox] transaction in
      guard var order = try store.find(request.orderId, in: transaction), order.customerId == customer else { throw OrderRefusal.unknown }
      let before = order.version
      if try order.rate(request.stars, request.comment, at: now) {
        try store.rate(order, before: before, in: transaction)
        try outbox.publish(
          OrderRated(orderId: order.id, tenantId: order.tenantId, restaurantId: order.restaurantId, stars: request.stars), in: transaction)
      }
      return try store.order(order, in: transaction)
    }
  }
}
