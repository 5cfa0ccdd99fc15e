import CatalogAPI
import Kernel
import OrderingAPI
import PricingAPI
import ServiceKit
import Wire

/// What was captured when the order was placed, and never changes after.
@Wire struct OrderCapture: Hashable, Sendable {
  var restaurantName: String
  var restaurantAddress: String
  var restaurantPoint: GeoPoint
  var preparationMinutes: Int
  /// From the restaurant to the door; 0 where nothing is brought.
  var travelMinutes: Int
  var items: [QuotedItem]
  var price: PriceBreakdown
  var deliveryAddress: DeliveryAddress?
  var specialInstructions: String?
  var wantedAt: Instant?
}

extension OrderCapture {
  /// When the food should be with its guest, as far as one knows at placement.
  func firstEstimate(placedAt: Instant) -> Instant {
    let soonest = placedAt + .seconds((preparationMinutes + travelMinutes) * 60)
    return max(soonest, wantedAt ?? soonest)
  }
}

/// An order as Ordering keeps it.
@Wire struct OrderRecord: Hashable, Sendable {
  var id: OrderID
  var version: Int
  var status: OrderStatus
  var tenantId: TenantID
  var restaurantId: RestaurantID
  var customerId: UserID
  var fulfilment: Fulfilment
  var paymentMethod: PaymentMethod
  var paymentStatus: OrderPaymentStatus
  var capture: OrderCapture
  var partner: OrderPartner?
  var refund: Amount?
  var rating: Int?
  var ratingComment: String?
  var acceptBy: Instant?
  var readyAt: Instant?
  var estimatedDeliveryTime: Instant?
  var placedAt: Instant
  var updatedAt: Instant
}

/// Who moves an order, and when.
struct Mover: Hashable, Sendable {
  var actor: OrderActor
  var user: UserID?
  var at: Instant
}

extension OrderRecord {
  /// Moves the order along, or refuses, changing nothing.
  ///
  /// - Parameters:
  ///   - readyInMinutes: for a confirmation; absent: the restaurant's usual time.
  ///   - policyPercent: of the total, given back when the customer cancels what the kitchen has begun.
  /// - Returns: the entry for the history.
  mutating func move(
    to next: OrderStatus, by mover: Mover, reason: String? = nil, readyInMinutes: Int? = nil, policyPercent: Int
  ) throws(OrderRefusal) -> StatusChange {
    switch OrderLifecycle.verdict(fulfilment, from: status, to: next, by: mover.actor) {
    case .illegal: throw .illegal(from: status, to: next)
    case .notYours: throw mover.actor == .customer ? .notYours(from: status, to: next) : .illegal(from: status, to: next)
    case .allowed(.nothing): break
    case .allowed(.whole): refund = total.amount
    case .allowed(.byPolicy): refund = total.share(policyPercent, of: 100).amount
    }
    return step(to: next, by: mover, reason: reason, readyInMinutes: readyInMinutes)
  }

  /// Follows what the courier reports through the states on the way; the entries for the history, none when it tells nothing new.
  mutating func follow(to reported: OrderStatus, by mover: Mover) -> [StatusChange] {
    OrderLifecycle.courierPath(from: status, to: reported).map { step(to: $0, by: mover, reason: nil, readyInMinutes: nil) }
  }

  /// Leaves a remark in the history without moving the order.
  mutating func note(_ reason: String, by mover: Mover) -> StatusChange {
    version += 1
    updatedAt = mover.at
    return StatusChange(status: status, from: status, at: mover.at, by: mover.actor, byUserId: mover.user, reason: reason)
  }

  /// Takes what Payments tells, unless it tells of an earlier state than the one known; answers whether anything changed.
  mutating func pay(_ told: OrderPaymentStatus, at: Instant) -> Bool {
    func rank(_ status: OrderPaymentStatus) -> Int {
      switch status {
      case .pending: 0
      case .initiated: 1
      case .authorized: 2
      case .succeeded, .failed: 3
      case .voided, .refunded: 4
      }
    }
    guard told != paymentStatus, rank(told) >= rank(paymentStatus), rank(paymentStatus) < 4 else { return false }
    paymentStatus = told
    version += 1
    updatedAt = at
    return true
  }

  /// Takes the courier who brings it; answers whether anything changed.
  mutating func give(to courier: OrderPartner, at: Instant) -> Bool {
    guard courier != partner, !OrderLifecycle.hasEnded(status) else { return false }
    partner = courier
    version += 1
    updatedAt = at
    return true
  }

  /// Takes the customer's stars, once; answers whether anything changed.
  mutating func rate(_ stars: Int, _ comment: String?, at: Instant) throws(OrderRefusal) -> Bool {
    guard status == .delivered || status == .completed else { throw .notDelivered }
    if let rating {
      guard rating == stars else { throw .alreadyRated }
      return false
    }
    rating = stars
    ratingComment = comment.flatMap { $0.isEmpty ? nil : $0 }
    version += 1
    updatedAt = at
    return true
  }

  private mutating func step(to next: OrderStatus, by mover: Mover, reason: String?, readyInMinutes: Int?) -> StatusChange {
    let change = StatusChange(status: next, from: status, at: mover.at, by: mover.actor, byUserId: mover.user, reason: reason)
    status = next
    version += 1
    updatedAt = mover.at
    switch next {
    case .confirmed: expect(readyAt: kitchenTime(from: mover.at, readyInMinutes))
    case .readyForPickup: if (readyAt ?? mover.at) >= mover.at { expect(readyAt: mover.at) }
    case .outForDelivery: estimatedDeliveryTime = mover.at + .seconds(capture.travelMinutes * 60)
    default: break
    }
    return change
  }

  private func kitchenTime(from now: Instant, _ minutes: Int?) -> Instant {
    let soonest = now + .seconds((minutes ?? capture.preparationMinutes) * 60)
    guard minutes == nil, let wanted = capture.wantedAt else { return soonest }
    return max(soonest, wanted - .seconds(capture.travelMinutes * 60))
  }

  private mutating func expect(readyAt time: Instant) {
    readyAt = time
    estimatedDeliveryTime = time + .seconds(capture.travelMinutes * 60)
  }

  var total: Money { Money(capture.price.total, capture.price.currency) ?? .zero(capture.price.currency) }
}

extension OrderRecord {
  /// What events tell of the order.
  func notice(reason: String? = nil) -> OrderNotice {
    OrderNotice(
      orderId: id, tenantId: tenantId, restaurantId: restaurantId, restaurantName: capture.restaurantName,
      restaurantPoint: capture.restaurantPoint, restaurantAddress: capture.restaurantAddress, customerId: customerId, status: status,
      version: version, fulfilment: fulfilment, paymentMethod: paymentMethod, currency: capture.price.currency, total: capture.price.total,
      deliveryFee: capture.price.deliveryFee, tip: capture.price.tip, deliveryAddress: capture.deliveryAddress,
      itemCount: capture.items.reduce(0) { $0 + $1.quantity }, placedAt: placedAt, readyAt: readyAt,
      estimatedDeliveryTime: estimatedDeliveryTime, reason: reason, refund: refund)
  }

  /// The first entry of the history.
  var placed: StatusChange { StatusChange(status: .pending, at: placedAt, by: .customer, byUserId: customerId) }

  /// The order as it was when it was placed, whatever became of it since: what its customer was answered.
  var asPlaced: Order {
    var first = self
    first.version = 1
    first.status = .pending
    first.paymentStatus = paymentMethod == .card ? .authorized : .pending
    first.partner = nil
    first.refund = nil
    first.rating = nil
    first.ratingComment = nil
    first.readyAt = nil
    first.estimatedDeliveryTime = capture.firstEstimate(placedAt: placedAt)
    first.updatedAt = placedAt
    return first.order(history: [placed])
  }

  /// The order as others see it.
  func order(history: [StatusChange]) -> Order {
    Order(
      id: id, version: version, status: status, tenantId: tenantId, restaurantId: restaurantId, restaurantName: capture.restaurantName,
      restaurantAddress: capture.restaurantAddress, restaurantPoint: capture.restaurantPoint, customerId: customerId, fulfilment: fulfilment,
      items: capture.items, currency: capture.price.currency, subtotal: capture.price.subtotal, deliveryFee: capture.price.deliveryFee,
      tax: capture.price.tax, taxLines: capture.price.taxLines, discount: capture.price.discount, tip: capture.price.tip,
      total: capture.price.total, payment: OrderPayment(method: paymentMethod, status: paymentStatus),
      deliveryAddress: capture.deliveryAddress, specialInstructions: capture.specialInstructions, wantedAt: capture.wantedAt,
      acceptBy: acceptBy, readyAt: readyAt, estimatedDeliveryTime: estimatedDeliveryTime, deliveryPartner: partner, refund: refund,
      rating: rating, ratingComment: ratingComment, placedAt: placedAt, createdAt: placedAt, updatedAt: updatedAt, history: history)
  }

  /// As what the caller moves the order.
  func actor(of caller: Caller) -> OrderActor {
    if caller.has(.system) { return .system }
    if caller.actsFor(tenantId) { return .staff }
    return caller.user == customerId ? .customer : .courier
  }
}

extension OrderRecord {
  func isVisible(to caller: Caller) -> Bool { caller.mayKnow(of: tenantId, customerId, partner) }
}

extension Order {
  func isVisible(to caller: Caller) -> Bool { caller.mayKnow(of: tenantId, customerId, deliveryPartner) }
}

extension Caller {
  /// Whether the caller may know of an order: its customer, its tenant's staff, its courier.
  fileprivate func mayKnow(of tenant: TenantID, _ customer: UserID, _ partner: OrderPartner?) -> Bool {
    actsFor(tenant) || (user != nil && (user == customer || user == partner?.partnerId))
  }
}
