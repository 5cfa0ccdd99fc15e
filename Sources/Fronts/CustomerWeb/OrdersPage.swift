import CatalogAPI
import Kernel
import OrderingAPI
import Pages
import ServiceKit
import WebServer

/// What somebody ordered, the newest first.
struct OrdersPage: Sendable {
  let request: PageRequest

  func answer() async throws -> WebResponse {
    async let basket = request.basketIfReached()
    let orders = try await request.call(
      ListOrders(mine: true, limit: 20, cursor: request.query.id("cursor", OrderID.self)))
    let zones = await request.zones(of: Set(orders.items.map(\.restaurantId)))
    let running = orders.items.filter { !$0.hasEnded }
    let ended = orders.items.filter(\.hasEnded)
    return try request.framed(
      "customer/orders", tab: .orders, basket: await basket,
      [
        "running": running.map { card($0, zones) }, "ended": ended.map { card($0, zones) }, "hasRunning": !running.isEmpty,
        "hasEnded": !ended.isEmpty,
        "isNothing": orders.items.isEmpty, "isFirstPage": request.query["cursor"] == nil, "more": orders.nextCursor.map { "/orders?cursor=\($0)" }
      ])
  }

  private func card(_ order: Order, _ zones: [RestaurantID: String]) -> [String: Any] {
    let words = OrderWords(request: request, order: order, zone: zones[order.restaurantId] ?? "UTC")
    return view([
      "orderId": order.id.description, "href": "/orders/\(order.id)", "name": order.restaurantName, "status": order.status.rawValue,
      "statusName": words.statusName, "statusTint": words.statusTint, "reason": words.reason,
      "placed": request.formats.dayAndTime(order.placedAt, in: words.zone),
      "dishes": order.items.map { $0.quantity == 1 ? $0.name : "\(request.formats.number($0.quantity)) × \($0.name)" }.joined(separator: ", "),
      "total": request.formats.money(order.total, order.currency), "hasEnded": order.hasEnded,
      "stars": order.rating.map { String(repeating: "★", count: $0) },
      "starsLabel": order.rating.map { request.texts.counting("customer.rate.stars", $0) },
      "mayRate": order.rating == nil && (order.status == .delivered || order.status == .completed)
    ])
  }

  /// Puts the dishes of an order into the basket, as far as the restaurant still has them.
  func again() async throws -> WebResponse {
    let id = try request.id("orderId", OrderID.self)
    async let asked = request.call(GetOrder(orderId: id))
    let basket = try await request.basket()
    let order = try await asked
    if let other = basket.restaurantId, other != order.restaurantId, request.form["replace"] == nil {
      return try request.framed(
        "customer/replace", status: 409, tab: .basket, basket: basket,
        [
          "action": "/orders/\(id)/again", "name": order.restaurantName, "href": "/orders/\(id)", "other": basket.restaurantName, "isPage": true,
          "question": request.texts("customer.replace.question", ["other": basket.restaurantName ?? "", "name": order.restaurantName])
        ])
    }
    var skipped = 0
    for item in order.items {
      let wanted = AddCartItem(
        restaurantId: order.restaurantId, menuItemId: item.menuItemId, quantity: item.quantity, optionIds: item.options.map(\.optionId),
        specialInstructions: item.specialInstructions, replace: true)
      do {
        _ = try await request.call(wanted)
      } catch {
        guard error.problem.status < 500 else { throw error }
        skipped += 1
      }
    }
    return request.redirect(to: skipped > 0 ? "/basket?skipped=\(skipped)" : "/basket")
  }
}

extension Order {
  /// Whether nothing will move it any more.
  var hasEnded: Bool { [.delivered, .completed, .rejected, .cancelled].contains(status) }
}

extension PageRequest {
  /// On whose clocks the times of restaurants are told; what is not found is left out.
  func zones(of restaurants: Set<RestaurantID>) async -> [RestaurantID: String] {
    await withTaskGroup(of: (RestaurantID, String?).self) { group in
      for id in restaurants {
        group.addTask { (id, try? await call(GetRestaurant(restaurantId: id)).value().timeZone) }
      }
      var zones: [RestaurantID: String] = [:]
      for await (id, zone) in group { zones[id] = zone }
      return zones
    }
  }
}
