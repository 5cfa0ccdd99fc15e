import CatalogAPI
import DeliveryAPI
import Kernel
import OrderingAPI
import Pages
import ServiceKit
import WebServer

/// One order with its history, and the step that is made on it.
enum OrderPage {
  static func show(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    let order = try await request.call(GetOrder(orderId: try request.id("orderId")))
    guard order.restaurantId == place.restaurant.id else { throw Problem(refusal: OrderRefusal.unknown) }
    let delivery = order.fulfilment == .delivery ? try? await request.call(ListDeliveries(orderId: order.id, limit: 1)).items.first : nil
    let texts = request.texts
    var fields = Ticket(order: order, delivery: delivery, place: place).fields
    fields["subtotal"] = place.money(order.subtotal)
    if order.deliveryFee.units != 0 { fields["deliveryFee"] = place.money(order.deliveryFee) }
    if order.discount.units != 0 { fields["discount"] = place.money(order.discount) }
    if order.tip.units != 0 { fields["tip"] = place.money(order.tip) }
    if order.tax.units != 0 { fields["tax"] = place.money(order.tax) }
    fields["refund"] = order.refund.map { place.money($0) }
    fields["payment"] = texts(
      "restaurant.payment",
      [
        "method": texts["restaurant.payment.\(order.payment.method.rawValue)"],
        "status": texts["restaurant.payment.status.\(order.payment.status.rawValue)"]
      ])
    fields["address"] = order.deliveryAddress?.text
    fields["addressNote"] = order.deliveryAddress?.instructions
    fields["placed"] = request.formats.dayAndTime(order.placedAt, in: place.zone)
    fields["stars"] = order.rating.map { texts.counting("restaurant.stars", $0) }
    fields["ratingComment"] = order.ratingComment
    fields["steps"] = order.history.map { change -> [String: Any] in
      [
        "name": texts["restaurant.script.status.\(change.status.rawValue)"], "time": place.clock(change.at), "at": "\(change.at)",
        "by": texts["restaurant.by.\(change.by.rawValue)"], "reason": change.reason.map(texts.reason) ?? false as Any
      ]
    }
    fields["lines"] = order.items.map { item -> [String: Any] in
      let money = Money(item.unitPrice, order.currency).map { place.request.formats.money(($0 * item.quantity).amount, order.currency) }
      return Ticket.line(item).merging(["price": money ?? ""]) { $1 }
    }
    if request.query.has("changed") { fields["said"] = BoardPage.sentence(of: order, request) }
    return try place.page("restaurant/order", at: .orders, fields)
  }

  /// Moves the order as a plain form asks; whoever was faster is told of instead.
  static func move(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    let id: OrderID = try request.id("orderId")
    guard let status = request.form["status"].flatMap(OrderStatus.init(accepting:)) else {
      throw Problem(400, "invalid_input", "There is no such step.")
    }
    let next = request.next(or: place.home)
    do {
      _ = try await request.call(
        UpdateOrderStatus(
          orderId: id, status: status, reason: request.form["reason"], readyInMinutes: request.form.integer("readyInMinutes"),
          version: request.form.integer("version")))
    } catch {
      guard [409, 412].contains(error.problem.status) else { throw error }
      return request.redirect(to: "\(next)?changed=\(id)")
    }
    return request.redirect(to: next)
  }
}
