import ServiceKit
import CatalogAPI
import DeliveryAPI
import Kernel
import OrderingAPI
import Pages

/// An order as the board and its own page show it.
struct Ticket: Sendable {
  let order: Order
  let delivery: Delivery?
  let place: Workplace

  private var request: PageRequest { place.request }
  private var texts: Texts { place.request.texts }

  /// Why a kitchen says no, without typing.
  private static let reasons = ["too_busy", "out_of_stock", "closing"]

  /// What people call an order: couriers see the same.
  static func number(_ id: OrderID) -> String { String(id.description.suffix(6)).uppercased() }

  var isDelivery: Bool { order.fulfilment == .delivery }
  /// Nobody took the delivery, and it waits for a hand.
  var needsHand: Bool { delivery?.status == .unassigned }

  var fields: [String: Any] {
    let now = request.now
    var fields: [String: Any] = [
      "id": "\(order.id)", "number": Self.number(order.id), "status": order.status.rawValue, "version": order.version,
      // Tells the script whether the card that it has is still the right one.
      "stamp": "\(order.version).\(delivery.map { "\($0.version)" } ?? "")",
      "statusName": texts["restaurant.script.status.\(order.status.rawValue)"],
      "fulfilment": order.fulfilment.rawValue, "fulfilmentName": texts["restaurant.fulfilment.\(order.fulfilment.rawValue)"],
      "isDelivery": isDelivery, "placedAt": "\(order.placedAt)", "age": age(of: order.placedAt, at: now),
      "items": order.items.map(Self.line), "total": place.money(order.total), "place": place.home,
      "isCash": order.payment.method == .cash && order.payment.status != .succeeded,
      "isNew": order.status == .pending, "mayCancel": [.confirmed, .preparing, .readyForPickup].contains(order.status), "needsHand": needsHand
    ]
    fields["reasons"] = Self.reasons.map { ["code": $0, "name": texts.reason($0)] }
    fields["note"] = order.specialInstructions
    fields["wanted"] = order.wantedAt.map { place.clock($0) }
    if order.status == .pending, let acceptBy = order.acceptBy {
      fields["acceptBy"] = "\(acceptBy)"
      fields["acceptByTime"] = place.clock(acceptBy)
      fields["isUrgent"] = acceptBy < now + .seconds(60)
    }
    if [.confirmed, .preparing].contains(order.status), let readyAt = order.readyAt {
      fields["readyAt"] = "\(readyAt)"
      fields["readyTime"] = place.clock(readyAt)
      fields["isLate"] = readyAt < now
    }
    if order.status == .pending { fields["minutes"] = minutes }
    fields["next"] = next
    fields["courier"] = courier
    return fields
  }

  private func age(of instant: Instant, at now: Instant) -> String {
    texts.counting("restaurant.script.minutes", max(0, (now.milliseconds - instant.milliseconds) / 60_000))
  }

  static func line(_ item: QuotedItem) -> [String: Any] {
    // What a line lacks must not be found in the order around it.
    [
      "quantity": item.quantity, "name": item.name, "note": item.specialInstructions ?? false as Any,
      "options": item.options.isEmpty ? false : item.options.map(\.name).joined(separator: " · ") as Any
    ]
  }

  /// How long the kitchen may promise; the time that it usually takes stands out. An order placed ahead needs no promise.
  private var minutes: [[String: Any]] {
    if order.wantedAt != nil { return [["value": "", "name": texts["restaurant.accept"], "isUsual": true]] }
    let usual = place.restaurant.preparationMinutes
    var choices = [10, 15, 20, 30, 45, 60]
    if 1...240 ~= usual, !choices.contains(usual) { choices = (choices + [usual]).sorted() }
    let nearest = choices.min { abs($0 - usual) < abs($1 - usual) }
    return choices.map {
      ["value": "\($0)", "name": texts.counting("restaurant.script.minutes", $0), "isUsual": $0 == nearest] as [String: Any]
    }
  }

  /// The one step that follows, where it is the restaurant's to make.
  private var next: [String: Any]? {
    let step: OrderStatus? =
      switch order.status {
      case .confirmed: .preparing
      case .preparing: .readyForPickup
      case .readyForPickup where !isDelivery: .completed
      default: nil
      }
    return step.map { ["status": $0.rawValue, "name": texts["restaurant.step.\($0.rawValue)"]] }
  }

  /// Where the courier is, once the food concerns them.
  private var courier: String? {
    guard isDelivery, let delivery, ![.pending, .rejected, .cancelled].contains(order.status) else { return nil }
    let key = "restaurant.courier.\(delivery.status.rawValue)"
    guard texts.has(key) else { return nil }
    return texts(key, ["name": order.deliveryPartner?.name ?? texts["restaurant.courier.somebody"]])
  }
}
