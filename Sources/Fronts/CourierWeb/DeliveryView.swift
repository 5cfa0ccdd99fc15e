import CatalogAPI
import DeliveryAPI
import Kernel
import OrderingAPI
import Pages
import ServiceKit
import WebServer
import Wire

/// The running delivery as the page shows it: all its stages, of which one is seen, so that a device without a line can go on.
enum DeliveryView {
  /// The stages in their order.
  static let stages: [DeliveryStatus] = [.assigned, .arrivedAtRestaurant, .pickedUp, .arrivedAtCustomer]

  static func fields(_ delivery: Delivery, _ refused: WorkPage.Refused?, _ request: PageRequest) async throws -> [String: Any] {
    let order = try? await request.call(GetOrder(orderId: delivery.orderId))
    let restaurant = try? await request.call(GetRestaurant(restaurantId: delivery.restaurantId)).value()
    let isPickedUp = delivery.status == .pickedUp || delivery.status == .arrivedAtCustomer
    var fields: [String: Any] = [
      "id": delivery.id.description, "orderId": delivery.orderId.description, "number": CourierFrame.number(delivery.orderId),
      "status": delivery.status.rawValue, "version": delivery.version, "restaurant": delivery.restaurantName,
      "restaurantAddress": delivery.restaurantAddress, "restaurantPoint": CourierFrame.point(delivery.restaurantPoint),
      "pay": request.formats.money(delivery.pay, delivery.currency), "distance": request.formats.distance(meters: delivery.distanceMeters),
      "isPickedUp": isPickedUp, "stages": progress(delivery, request)
    ]
    for stage in stages { fields["is_\(stage.rawValue)"] = stage == delivery.status }
    fields["customerAddress"] = delivery.customerAddress
    fields["customerPoint"] = delivery.customerPoint.map(CourierFrame.point)
    fields["instructions"] = delivery.customerInstructions.flatMap { $0.isEmpty ? nil : $0 }
    fields["phone"] = restaurant?.phone.map { ["shown": $0, "dialled": $0.filter { $0.isNumber || $0 == "+" }] }
    let isReady = order?.status == .readyForPickup
    fields["isReady"] = isReady
    fields["ready"] = isReady ? ["text": request.texts["courier.ready.now"]] : OfferView.ready(order?.readyAt ?? delivery.readyAt, request)
    fields["items"] = order?.items.map { item in
      ["quantity": request.formats.number(item.quantity), "name": item.name, "options": item.options.map(\.name).joined(separator: ", ")]
    }
    if let order, order.payment.method == .cash { fields["cash"] = request.formats.money(order.total, order.currency) }
    fields["before"] = reasons(isPickedUp: false, request)
    fields["after"] = reasons(isPickedUp: true, request)
    let orderState = order.map { "\($0.status.rawValue):\($0.readyAt?.description ?? "")" } ?? ""
    return [
      "delivery": fields, "f": form(refused, request), "failing": refused?.names.contains("reason") ?? false,
      "key": "delivery:\(delivery.id):\(delivery.version):\(orderState)"
    ]
  }

  private static func progress(_ delivery: Delivery, _ request: PageRequest) -> [[String: Any]] {
    let current = stages.firstIndex(of: delivery.status) ?? 0
    return stages.enumerated().map { index, stage in
      ["status": stage.rawValue, "name": request.texts["courier.stage.\(stage.rawValue)"], "isCurrent": index == current, "isDone": index < current]
    }
  }

  private static func form(_ refused: WorkPage.Refused?, _ request: PageRequest) -> [String: Any] {
    let names = ["handOverCode", "reason", "details"]
    guard let refused else { return request.formFields(names) }
    var fields = request.formFields(names, problem: refused.problem)
    let sentence = request.sentence(of: refused.problem)
    // What is wrong stands beside its field, in the courier's own words.
    if let name = refused.problem.faults.first(where: { names.contains($0.path) })?.path, var field = fields[name] as? [String: Any] {
      if request.texts.has("courier.problem.\(refused.problem.code)") { field["error"] = sentence }
      fields[name] = field
      fields["problem"] = nil
    } else {
      fields["problem"] = sentence
    }
    return fields
  }

  private static func reasons(isPickedUp: Bool, _ request: PageRequest) -> [[String: Any]] {
    (isPickedUp ? StepForms.reasonsAfter : StepForms.reasonsBefore).map { code in
      ["value": code, "name": request.texts.reason(code), "isChosen": request.form["reason"] == code]
    }
  }
}
