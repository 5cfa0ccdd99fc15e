import DeliveryAPI
import IdentityAPI
import Kernel
import Messaging
import OrderingAPI
import Persistence
import ServiceKit

/// Forgets who brought things and to whom: the rows that the books need stay without names, doors and ways.
struct WhenPersonErased: Sendable {
  var reactions: [Reaction] {
    [
      .inTransaction("WhenPersonErased", PersonErased.self) { event, _, transaction in
        try ErasureStore(transaction: transaction).forget(partner: event.userId)
      },
      .inTransaction("WhenOrderCustomerErased", OrderCustomerErased.self) { event, _, transaction in
        try ErasureStore(transaction: transaction).forgetDoor(of: event.orderId)
      }
    ]
  }
}

/// What Delivery forgets of people who are gone.
struct ErasureStore {
  let transaction: any Transaction

  func forget(partner user: UserID) throws {
    try transaction.run("UPDATE delivery_partners SET name = 'erased', is_online = 0, version = version + 1 WHERE user_id = ?", .id(user))
    try transaction.run("DELETE FROM delivery_positions WHERE partner_id = ?", .id(user))
    try transaction.run("DELETE FROM delivery_last_positions WHERE partner_id = ?", .id(user))
  }

  /// Where an order that has ended was brought: at the restaurant's door, as far as the row tells from now on.
  func forgetDoor(of order: OrderID) throws {
    try transaction.run(
      """
      UPDATE delivery_deliveries SET customer_address = 'erased', customer_instructions = NULL, customer_latitude = restaurant_latitude,
        customer_longitude = restaurant_longitude, hand_over_code = NULL WHERE order_id = ?
      """, .id(order))
    guard var heard = try OrderProjection(transaction: transaction).find(order) else { return }
    if heard.notice.deliveryAddress != nil {
      heard.notice.deliveryAddress = DeliveryAddress(text: "erased", point: heard.notice.restaurantPoint)
    }
    try transaction.run("UPDATE delivery_orders SET notice = ? WHERE order_id = ?", .json(heard.notice), .id(order))
  }
}
