import CatalogAPI
import DeliveryAPI
import IdentityAPI
import Kernel
import OrderingAPI
import Pages
import ServiceKit
import WebServer

/// Deliveries that nobody took, with the couriers nearby to give them to by hand.
enum DispatchPage {
  /// Whoever is farther away would bring the food cold.
  private static let farthest = 30_000

  static func show(_ request: PageRequest) async throws -> WebResponse { try await page(Workplace(request), problem: nil) }

  private static func page(_ place: Workplace, problem: Problem?) async throws -> WebResponse {
    let request = place.request
    let point = place.restaurant.point
    async let partners = request.call(ListPartners(latitude: point.latitude, longitude: point.longitude, limit: 12)).items
    let unassigned = try await request.call(ListUnassigned(limit: 200)).items.filter { $0.restaurantId == place.restaurant.id }
    let nearby = try await partners.filter { $0.distanceMeters <= farthest }.map { partner -> [String: Any] in
      let texts = request.texts
      var fields: [String: Any] = [
        "id": "\(partner.id)", "name": partner.name, "vehicle": texts["restaurant.vehicle.\(partner.vehicleType.rawValue)"],
        "distance": request.formats.distance(meters: partner.distanceMeters), "isFree": partner.status == .available,
        "statusName": texts["restaurant.partner.\(partner.status.rawValue)"]
      ]
      fields["rating"] = partner.rating.map { request.formats.decimal($0) }
      return fields
    }
    var fields: [String: Any] = [
      "deliveries": unassigned.map { delivery -> [String: Any] in
        var fields: [String: Any] = [
          "orderId": "\(delivery.orderId)", "number": Ticket.number(delivery.orderId),
          "distance": request.formats.distance(meters: delivery.distanceMeters), "pay": request.formats.money(delivery.pay, delivery.currency),
          "since": place.clock(delivery.createdAt), "partners": nearby, "hasPartners": !nearby.isEmpty, "home": place.home,
          "isFailed": problem != nil && request.form["orderId"] == "\(delivery.orderId)"
        ]
        fields["address"] = delivery.customerAddress
        fields["ready"] = delivery.readyAt.map { place.clock($0) }
        return fields
      }, "isEmpty": unassigned.isEmpty
    ]
    if let problem { fields["problem"] = request.sentence(of: problem) }
    return try place.page("restaurant/dispatch", at: .dispatch, status: problem?.status ?? 200, fields)
  }

  static func assign(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    guard let order: OrderID = request.form.id("orderId"), let partner: UserID = request.form.id("partnerId") else {
      throw Problem(400, "invalid_input", "The order and the courier are needed.")
    }
    do { _ = try await request.call(AssignDelivery(orderId: order, partnerId: partner)) } catch {
      return try await page(place, problem: error.problem)
    }
    return request.redirect(to: "\(place.home)?done=assigned")
  }
}
