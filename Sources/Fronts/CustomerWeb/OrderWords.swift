import CatalogAPI
import DeliveryAPI
import Kernel
import OrderingAPI
import Pages

/// Where an order stands, in words.
struct OrderWords: Sendable {
  let request: PageRequest
  let order: Order
  /// On whose clocks times are told.
  let zone: String

  private var texts: Texts { request.texts }
  private var isDelivery: Bool { order.fulfilment == .delivery }

  var statusName: String { Self.name(order.status, isDelivery: isDelivery, texts) }

  static func name(_ status: OrderStatus, isDelivery: Bool, _ texts: Texts) -> String {
    status == .readyForPickup && isDelivery ? texts["customer.status.ready"] : texts["customer.status.\(status.rawValue)"]
  }

  var statusTint: String {
    switch order.status {
    case .pending: "info"
    case .confirmed, .preparing, .readyForPickup, .outForDelivery: "warn"
    case .delivered, .completed: "good"
    case .rejected, .cancelled: "bad"
    }
  }

  /// The headline: what is happening now.
  var headline: String {
    let key = order.status == .readyForPickup && isDelivery ? "ready" : order.status.rawValue
    return texts("customer.order.now.\(key)", ["name": order.restaurantName])
  }

  /// Why it ended early, where somebody said so.
  var reason: String? {
    guard order.status == .rejected || order.status == .cancelled else { return nil }
    return order.history.last { $0.status == order.status }?.reason.map(texts.reason)
  }

  /// When the food is expected, as a range while it is brought.
  func arrival(_ tracking: Tracking?) -> String? {
    if order.hasEnded { return nil }
    if let eta = tracking?.eta {
      let from = request.formats.time(eta.earliest, in: zone)
      let to = request.formats.time(eta.latest, in: zone)
      return from == to ? texts("customer.order.arrives.at", ["time": to]) : texts("customer.order.arrives", ["from": from, "to": to])
    }
    // What was ordered for another day is told with its day, beside this.
    let today = request.formats.day(request.now, in: zone)
    if order.wantedAt != nil, let time = order.estimatedDeliveryTime, request.formats.day(time, in: zone) != today { return nil }
    if !isDelivery, let ready = order.readyAt ?? order.estimatedDeliveryTime {
      return texts(
        order.status == .readyForPickup ? "customer.order.readySince" : "customer.order.readyAt", ["time": request.formats.time(ready, in: zone)])
    }
    guard let time = order.estimatedDeliveryTime else { return nil }
    return texts("customer.order.arrives.at", ["time": request.formats.time(time, in: zone)])
  }

  /// The way of the order: what was, what is, and what is to come.
  var steps: [[String: Any]] {
    let way: [OrderStatus] = [.pending, .confirmed, .preparing, .readyForPickup] + (isDelivery ? [.outForDelivery, .delivered] : [.completed])
    var times: [OrderStatus: Instant] = [:]
    for change in order.history where change.from != change.status { times[change.status] = change.at }
    let isBroken = order.status == .rejected || order.status == .cancelled
    let reached = way.firstIndex(of: order.status) ?? -1
    var steps = way.enumerated().compactMap { index, status -> [String: Any]? in
      if isBroken, times[status] == nil { return nil }
      let isDone = isBroken || index < reached || (index == reached && order.hasEnded)
      return step(status, at: times[status], isDone: isDone, isCurrent: !isDone && !isBroken && index == reached)
    }
    if isBroken { steps.append(step(order.status, at: times[order.status], isDone: false, isCurrent: true)) }
    return steps
  }

  private func step(_ status: OrderStatus, at time: Instant?, isDone: Bool, isCurrent: Bool) -> [String: Any] {
    view([
      "step": status.rawValue, "stepName": Self.name(status, isDelivery: isDelivery, texts),
      "at": time.map { request.formats.time($0, in: zone) }, "instant": time?.description, "isDone": isDone, "isCurrent": isCurrent,
      "isBroken": status == .rejected || status == .cancelled,
      "state": texts[isDone ? "customer.step.done" : isCurrent ? "customer.step.now" : "customer.step.next"]
    ])
  }

  /// Who brings it and what they are doing.
  func courier(_ tracking: Tracking?) -> [String: Any]? {
    guard let tracking, let courier = tracking.courier, let status = tracking.deliveryStatus, texts.has("customer.courier.\(status.rawValue)") else {
      return nil
    }
    return view([
      "courierName": courier.name, "doing": texts("customer.courier.\(status.rawValue)", ["name": courier.name]),
      "vehicle": texts["customer.vehicle.\(courier.vehicleType.rawValue)"], "latitude": courier.position.map { "\($0.latitude)" },
      "longitude": courier.position.map { "\($0.longitude)" }, "recordedAt": courier.position?.recordedAt.description,
      "age": courier.position.map { texts.counting("customer.age.seconds", $0.ageSeconds) }
    ])
  }

  /// What the customer would be given back now; nothing where the order cannot be cancelled any more.
  var cancelling: String? {
    let key: String
    switch order.status {
    case .pending, .confirmed: key = "customer.cancel.whole"
    case .preparing, .readyForPickup: key = "customer.cancel.part"
    default: return nil
    }
    if order.payment.method == .cash { return texts["customer.cancel.cash"] }
    return texts(key, ["total": request.formats.money(order.total, order.currency)])
  }

  var payment: String {
    let method = order.payment.method.rawValue
    let key = "customer.payment.\(method).\(order.payment.status.rawValue)"
    return texts.has(key) ? texts[key] : texts["customer.payment.\(method)"]
  }
}
