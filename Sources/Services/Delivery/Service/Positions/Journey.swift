import DeliveryAPI
import Kernel
import OrderingAPI

/// What a partner on the road is on the road for; kept beside the position so that its frames cost no look-up.
final class Journey: Sendable {
  let deliveryId: DeliveryID
  let orderId: OrderID
  /// `order:ID`, made once.
  let channel: String
  let status: DeliveryStatus
  let restaurant: GeoPoint
  let customer: GeoPoint
  let readyAt: Instant?

  init(_ delivery: DeliveryRow) {
    deliveryId = delivery.id
    orderId = delivery.orderId
    channel = "order:\(delivery.orderId)"
    status = delivery.status
    restaurant = delivery.restaurantPoint
    customer = delivery.customerPoint
    readyAt = delivery.readyAt
  }
}
