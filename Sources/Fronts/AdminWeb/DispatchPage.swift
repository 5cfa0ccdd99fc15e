import DeliveryAPI
import Kernel
import OrderingAPI
import Pages
import ServiceKit
import WebServer

/// `/admin/dispatch`: deliveries that nobody took, each with the free couriers who are nearest to its restaurant.
enum DispatchPage {
  /// How many deliveries a page shows, and how many couriers are offered for each.
  private static let rows = 20
  private static let couriers = 8

  static func show(_ request: PageRequest) async throws -> WebResponse { try await page(request) }

  static func assign(_ request: PageRequest) async throws -> WebResponse {
    let orderId = try request.id("orderId", OrderID.self)
    guard let partnerId = request.form.id("partnerId", UserID.self) else {
      let problem = Problem(422, "partner_unknown", request.texts["admin.dispatch.choose"])
      return try await page(request, failing: problem, of: orderId)
    }
    do { _ = try await request.call(AssignDelivery(orderId: orderId, partnerId: partnerId)) } catch {
      return try await page(request, failing: error.problem, of: orderId)
    }
    return request.redirect(to: "/admin/dispatch?done=assigned")
  }

  /// - Parameter failed: the order whose form was sent; what is wrong with it stands beside it.
  private static func page(_ request: PageRequest, failing problem: Problem? = nil, of failed: OrderID? = nil) async throws -> WebResponse {
    let found = try await request.call(ListUnassigned(limit: rows, cursor: request.query["cursor"]))
    var items: [[String: Any]] = []
    for delivery in found.items {
      var item = row(delivery, request)
      item["couriers"] = try await couriers(near: delivery.restaurantPoint, chosen: request.form.id("partnerId", UserID.self), request)
      if delivery.orderId == failed, let problem { item["error"] = request.sentence(of: problem) }
      items.append(item)
    }
    var fields: [String: Any] = ["items": items, "isEmpty": items.isEmpty, "count": request.texts.counting("admin.dispatch.count", items.count)]
    // The order may be off the list by now: somebody else was faster.
    if let failed, !found.items.contains(where: { $0.orderId == failed }), let problem { fields["gone"] = request.sentence(of: problem) }
    fields.merge(request.pager("/admin/dispatch", [], next: found.nextCursor)) { $1 }
    return try request.admin("dispatch", at: "dispatch", failing: problem, fields)
  }

  private static func row(_ delivery: Delivery, _ request: PageRequest) -> [String: Any] {
    var row: [String: Any] = [
      "order": delivery.orderId.description, "short": shortened(delivery.orderId), "restaurant": delivery.restaurantName,
      "address": delivery.restaurantAddress, "distance": request.formats.distance(meters: delivery.distanceMeters),
      "pay": request.formats.money(delivery.pay, delivery.currency), "createdAt": request.moment(delivery.createdAt)
    ]
    row["customer"] = delivery.customerAddress
    row["readyAt"] = delivery.readyAt.map(request.moment)
    row["reason"] = delivery.reason.map(request.texts.reason)
    return row
  }

  private static func couriers(near point: GeoPoint, chosen: UserID?, _ request: PageRequest) async throws -> [[String: Any]] {
    let near = try await request.call(ListPartners(latitude: point.latitude, longitude: point.longitude, limit: couriers)).items
    return near.map { partner in
      [
        "id": partner.id.description, "isChosen": partner.id == chosen,
        "text": request.texts(
          "admin.dispatch.courier",
          [
            "name": partner.name, "distance": request.formats.distance(meters: partner.distanceMeters),
            "vehicle": request.word("admin.script.vehicle.", partner.vehicleType.rawValue)
          ])
      ]
    }
  }
}
