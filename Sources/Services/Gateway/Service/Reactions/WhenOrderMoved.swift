import GatewayAPI
import Kernel
import OrderingAPI
import Realtime
import ServiceKit
import Wire

/// Tells everyone who follows an order, its customer or its tenant that it moved.
struct WhenOrderMoved: Sendable {
  let channels: Channels

  func tell(_ order: OrderNotice, _ envelope: Envelope) {
    let update = OrderUpdate(
      orderId: order.orderId, status: order.status, timestamp: envelope.time, version: order.version, sequence: envelope.sequence,
      tenantId: order.tenantId, restaurantId: order.restaurantId, restaurantName: order.restaurantName, customerId: order.customerId,
      fulfilment: order.fulfilment, itemCount: order.itemCount, currency: order.currency, total: order.total, placedAt: order.placedAt,
      readyAt: order.readyAt, estimatedDeliveryTime: order.estimatedDeliveryTime, reason: order.reason)
    // Encoded once for all channels, and within each channel once for all sockets.
    let data = encode(update)
    // Every gateway hears the event; one of them tells the listeners of all.
    for channel in ["order:\(order.orderId)", "tenant:\(order.tenantId)", "user:\(order.customerId)"] {
      channels.publish(
        "order_update", to: channel, encoded: data, id: envelope.id.description, turn: FanoutFrame.Turn(of: envelope.aggregate, envelope.sequence))
    }
    guard channels.count("city") > 0 else { return }
    let event = CityEvent(
      at: envelope.time, orderId: order.orderId, status: order.status, restaurantName: order.restaurantName, restaurantPoint: order.restaurantPoint)
    channels.publish("city_event", to: "city", encoded: encode(event), isKept: false, reach: .here)
  }
}
