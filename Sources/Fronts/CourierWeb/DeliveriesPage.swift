import DeliveryAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// `/courier/deliveries`: what was brought, the newest first.
enum DeliveriesPage {
  static func show(_ request: PageRequest) async throws -> WebResponse {
    guard let partner = try await CourierFrame.partner(request) else { return request.redirect(to: "/courier") }
    let found = try await request.call(ListDeliveries(limit: 20, cursor: request.query["cursor"]))
    let zone = CourierFrame.zone(request).name
    var fields = CourierFrame.fields(partner, .deliveries, request)
    fields["deliveries"] = found.items.map { row($0, zone, request) }
    fields["none"] = found.items.isEmpty
    fields["isFirst"] = request.query["cursor"] == nil
    fields["nextCursor"] = found.nextCursor
    return try request.page("courier/deliveries", fields)
  }

  private static func row(_ delivery: Delivery, _ zone: String, _ request: PageRequest) -> [String: Any] {
    let kind = DeliveryStatus.running.contains(delivery.status) ? "info" : delivery.status == .delivered ? "good" : "bad"
    let last = delivery.steps.last?.at ?? delivery.createdAt
    var row: [String: Any] = [
      "id": delivery.id.description, "orderId": delivery.orderId.description, "number": CourierFrame.number(delivery.orderId),
      "status": delivery.status.rawValue, "statusWord": request.texts["courier.status.\(delivery.status.rawValue)"], "kind": kind,
      "restaurant": delivery.restaurantName, "address": delivery.restaurantAddress, "at": last.description,
      "when": request.formats.dayAndTime(last, in: zone), "distance": request.formats.distance(meters: delivery.distanceMeters),
      "isRunning": DeliveryStatus.running.contains(delivery.status),
      "steps": delivery.steps.filter { $0.status != "searching" }.map { step in
        [
          "name": request.texts["courier.status.\(step.status)"], "at": step.at.description, "clock": request.formats.time(step.at, in: zone)
        ]
      }
    ]
    // Only what was brought is paid.
    if kind != "bad" { row["pay"] = request.formats.money(delivery.pay, delivery.currency) }
    row["reason"] = delivery.reason.map(request.texts.reason)
    return row
  }
}
