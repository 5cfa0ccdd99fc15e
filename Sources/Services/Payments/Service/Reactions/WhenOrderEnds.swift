import Kernel
import Messaging
import OrderingAPI
import ServiceKit

/// Moves the money when the food changed hands, or never will.
struct WhenOrderEnds: Sendable {
  let cashier: Cashier

  var reactions: [Reaction] {
    [
      .calling("WhenOrderDelivered", OrderDelivered.self) { [cashier] event, _ in try await cashier.settle(event.order.orderId) },
      .calling("WhenOrderCompleted", OrderCompleted.self) { [cashier] event, _ in try await cashier.settle(event.order.orderId) },
      .calling("WhenOrderRejected", OrderRejected.self) { [cashier] event, _ in try await end(event.order, cashier) },
      .calling("WhenOrderCancelled", OrderCancelled.self) { [cashier] event, _ in try await end(event.order, cashier) }
    ]
  }
}

private func end(_ order: OrderNotice, _ cashier: Cashier) async throws {
  try await cashier.end(
    order.orderId, refund: order.refund.flatMap { Money($0, order.currency) }, reason: order.reason ?? "the order is \(order.status.rawValue)")
}
