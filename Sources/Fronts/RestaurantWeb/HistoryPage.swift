import CatalogAPI
import Kernel
import OrderingAPI
import Pages
import ServiceKit
import WebServer

/// Every order of the restaurant, the newest first.
enum HistoryPage {
  static func show(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    let status = request.query["status"].flatMap(OrderStatus.init(accepting:))
    let page = try await request.call(
      ListOrders(status: status, restaurantId: place.restaurant.id, limit: 25, cursor: request.query.id("cursor", OrderID.self)))
    let texts = request.texts
    var fields: [String: Any] = [
      "orders": page.items.map { order -> [String: Any] in
        [
          "id": "\(order.id)", "number": Ticket.number(order.id), "href": "\(place.home)/orders/\(order.id)",
          "status": order.status.rawValue, "statusName": texts["restaurant.script.status.\(order.status.rawValue)"],
          "isGood": order.status == .delivered || order.status == .completed, "isBad": order.status == .rejected || order.status == .cancelled,
          "fulfilmentName": texts["restaurant.fulfilment.\(order.fulfilment.rawValue)"],
          "placed": request.formats.dayAndTime(order.placedAt, in: place.zone), "placedAt": "\(order.placedAt)",
          "what": order.items.map { "\($0.quantity)× \($0.name)" }.joined(separator: ", "), "total": place.money(order.total),
          "stars": order.rating.map { request.formats.number($0) } ?? ""
        ]
      },
      "isEmpty": page.items.isEmpty, "isFirst": request.query["cursor"] == nil,
      "statuses": request.choices(
        [("", texts["restaurant.history.all"])] + OrderStatus.allCases.map { ($0.rawValue, texts["restaurant.script.status.\($0.rawValue)"]) },
        chosen: status?.rawValue ?? "")
    ]
    fields["more"] = page.nextCursor.map { "\(place.home)/orders?cursor=\($0)\(status.map { "&status=\($0.rawValue)" } ?? "")" }
    return try place.page("restaurant/history", at: .orders, fields)
  }
}
