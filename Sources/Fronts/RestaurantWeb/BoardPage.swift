import CatalogAPI
import DeliveryAPI
import Kernel
import OrderingAPI
import Pages
import ServiceKit
import WebServer

/// The board: every order in hand, in columns by where it stands.
enum BoardPage {
  private static let columns: [(name: String, status: OrderStatus)] = [
    ("new", .pending), ("confirmed", .confirmed), ("cooking", .preparing), ("ready", .readyForPickup), ("out", .outForDelivery)
  ]

  static func show(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    var fields = try await columns(of: place)
    fields["said"] = try await whatHappened(place)
    fields.merge(BusyForm.fields(place)) { $1 }
    return try place.page("restaurant/board", at: .board, fields)
  }

  /// The columns alone.
  static func columns(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    return try request.page("restaurant/columns", place.frame(at: .board).merging(try await columns(of: place)) { $1 })
  }

  private static func columns(of place: Workplace) async throws -> [String: Any] {
    let request = place.request
    let restaurant = place.restaurant.id
    // A board without couriers is better than none.
    async let deliveries = try? request.call(ListDeliveries(limit: 200)).items
    let found = try await withThrowingTaskGroup(of: (OrderStatus, [Order]).self) { group in
      for (_, status) in columns {
        group.addTask { (status, try await request.call(ListOrders(status: status, restaurantId: restaurant, limit: 100)).items) }
      }
      var found: [OrderStatus: [Order]] = [:]
      for try await (status, orders) in group { found[status] = orders }
      return found
    }
    let byOrder = Dictionary((await deliveries ?? []).map { ($0.orderId, $0) }) { first, _ in first }
    var needingHands = 0
    let shown = columns.map { name, status -> [String: Any] in
      let tickets = (found[status] ?? []).sorted { $0.placedAt < $1.placedAt }.map { Ticket(order: $0, delivery: byOrder[$0.id], place: place) }
      needingHands += tickets.filter(\.needsHand).count
      return [
        "name": name, "title": request.texts["restaurant.column.\(name)"], "count": tickets.count, "isEmpty": tickets.isEmpty,
        "tickets": tickets.map(\.fields), "home": place.home
      ]
    }
    return [
      "columns": shown, "hasHandWork": needingHands > 0, "handWork": request.texts.counting("restaurant.handWork", needingHands),
      "now": "\(request.now)"
    ]
  }

  /// What became of an order that somebody else moved first.
  private static func whatHappened(_ place: Workplace) async throws -> String? {
    guard let id = place.request.query.id("changed", OrderID.self) else { return nil }
    guard let order = try? await place.request.call(GetOrder(orderId: id)) else { return nil }
    return sentence(of: order, place.request)
  }

  static func sentence(of order: Order, _ request: PageRequest) -> String {
    let texts = request.texts
    let key = order.status == .cancelled && order.history.last?.by == .customer ? "restaurant.script.guestCancelled" : "restaurant.script.wasFaster"
    return texts(key, ["number": Ticket.number(order.id), "status": texts["restaurant.script.status.\(order.status.rawValue)"]])
  }
}
