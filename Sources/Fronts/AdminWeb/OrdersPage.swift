import CatalogAPI
import Kernel
import OrderingAPI
import Pages
import WebServer

/// `/admin/orders`: all orders, the newest first.
enum OrdersPage {
  static func show(_ request: PageRequest) async throws -> WebResponse {
    // Who knows the number of an order goes straight to it.
    if let wanted = request.query.id("orderId", OrderID.self) { return request.redirect(to: "/admin/orders/\(wanted)") }
    let status = request.query["status"].flatMap { OrderStatus(accepting: $0) }
    let restaurant = try request.filter("restaurantId", RestaurantID.self)
    let found = try await request.call(
      ListOrders(status: status, restaurantId: restaurant, limit: 50, cursor: try request.filter("cursor", OrderID.self)))
    var fields: [String: Any] = [
      "items": found.items.map { row($0, request) }, "isEmpty": found.items.isEmpty,
      "statuses": request.choices(OrderStatus.allCases, chosen: status, "admin.script.order."),
      "orderId": request.query["orderId"] ?? "", "isUnknown": request.query["orderId"] != nil
    ]
    fields["restaurantId"] = restaurant?.description
    fields.merge(
      request.pager("/admin/orders", [("status", status?.rawValue), ("restaurantId", restaurant?.description)], next: found.nextCursor)
    ) { $1 }
    return try request.admin("orders", at: "orders", fields)
  }

  static func row(_ order: Order, _ request: PageRequest) -> [String: Any] {
    [
      "id": order.id.description, "short": shortened(order.id), "status": order.status.rawValue, "tone": Tone.of(order.status),
      "word": request.word("admin.script.order.", order.status.rawValue), "restaurant": order.restaurantName,
      "fulfilment": request.word("admin.fulfilment.", order.fulfilment.rawValue), "total": request.formats.money(order.total, order.currency),
      "payment": request.word("admin.payment.", order.payment.status.rawValue), "placedAt": request.moment(order.placedAt)
    ]
  }
}
