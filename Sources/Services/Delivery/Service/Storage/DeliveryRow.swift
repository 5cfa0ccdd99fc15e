import CatalogAPI
import DeliveryAPI
import Kernel
import OrderingAPI
import Persistence
import ServiceKit

/// A delivery as stored.
struct DeliveryRow: Hashable, Sendable {
  var id: DeliveryID
  var orderId: OrderID
  var tenantId: TenantID
  var customerId: UserID
  var restaurantId: RestaurantID
  var restaurantName: String
  var restaurantAddress: String
  var restaurantPoint: GeoPoint
  var customerAddress: String
  var customerInstructions: String?
  var customerPoint: GeoPoint
  var distanceMeters: Int
  /// For the way, without the tip.
  var way: Money
  var tip: Money
  var status: DeliveryStatus
  var partnerId: UserID?
  var handOverCode: String?
  var wrongCodes = 0
  /// Sending it again is no further try.
  var lastWrongCode: String?
  /// Who gave it back before the food was taken, last.
  var failedPartnerId: UserID?
  var round = SearchRound()
  /// When the dispatcher must look at it next.
  var dueAt: Instant?
  /// Whether it was told once that nobody takes it.
  var wasReported = false
  var readyAt: Instant?
  var createdAt: Instant
  var assignedAt: Instant?
  var arrivedAtRestaurantAt: Instant?
  var pickedUpAt: Instant?
  var arrivedAtCustomerAt: Instant?
  var endedAt: Instant?
  var reason: String?
  var stars: Int?
  var version = 1

  static let columns = """
    id, order_id, tenant_id, customer_id, restaurant_id, restaurant_name, restaurant_address, restaurant_latitude, restaurant_longitude, \
    customer_address, customer_instructions, customer_latitude, customer_longitude, distance_meters, currency, way_units, tip_units, status, \
    partner_id, hand_over_code, wrong_codes, radius_index, asked, round, due_at, was_reported, ready_at, created_at, assigned_at, \
    arrived_at_restaurant_at, picked_up_at, arrived_at_customer_at, ended_at, reason, stars, version, last_wrong_code, failed_partner_id
    """
  static let columnCount = 38

  /// A delivery of an order that the restaurant has confirmed; `nil` when there is nothing to bring anywhere.
  init?(_ id: DeliveryID, _ notice: OrderNotice, pay: CourierPay, dueAt: Instant, now: Instant) {
    guard notice.fulfilment == .delivery, let address = notice.deliveryAddress else { return nil }
    self.id = id
    orderId = notice.orderId
    tenantId = notice.tenantId
    customerId = notice.customerId
    restaurantId = notice.restaurantId
    restaurantName = notice.restaurantName
    restaurantAddress = notice.restaurantAddress
    restaurantPoint = notice.restaurantPoint
    customerAddress = address.text
    customerInstructions = address.instructions
    customerPoint = address.point
    distanceMeters = Int(notice.restaurantPoint.distanceMeters(to: address.point))
    way = pay.way(distanceMeters: distanceMeters, notice.currency)
    tip = pay.tip(Money(notice.tip, notice.currency) ?? .zero(notice.currency))
    status = .searching
    self.dueAt = dueAt
    readyAt = notice.readyAt
    createdAt = now
  }

  init(_ row: any Row) throws {
    id = try row.id(0)
    orderId = try row.id(1)
    tenantId = try row.id(2)
    customerId = try row.id(3)
    restaurantId = try row.id(4)
    restaurantName = row.text(5)
    restaurantAddress = row.text(6)
    restaurantPoint = GeoPoint(latitude: row.real(7), longitude: row.real(8))
    customerAddress = row.text(9)
    customerInstructions = row.optionalText(10)
    customerPoint = GeoPoint(latitude: row.real(11), longitude: row.real(12))
    distanceMeters = row.integer(13)
    let currency = try row.currency(14)
    way = Money(units: row.integer(15), currency)
    tip = Money(units: row.integer(16), currency)
    status = try row.word(17)
    partnerId = try row.optionalID(18)
    handOverCode = row.optionalText(19)
    wrongCodes = row.integer(20)
    round = SearchRound(radiusIndex: row.integer(21), asked: row.integer(22), number: row.integer(23))
    dueAt = row.optionalInstant(24)
    wasReported = row.boolean(25)
    readyAt = row.optionalInstant(26)
    createdAt = row.instant(27)
    assignedAt = row.optionalInstant(28)
    arrivedAtRestaurantAt = row.optionalInstant(29)
    pickedUpAt = row.optionalInstant(30)
    arrivedAtCustomerAt = row.optionalInstant(31)
    endedAt = row.optionalInstant(32)
    reason = row.optionalText(33)
    stars = row.optionalInteger(34)
    version = row.integer(35)
    lastWrongCode = row.optionalText(36)
    failedPartnerId = try row.optionalID(37)
  }

  var values: [SQLValue] {
    [
      .id(id), .id(orderId), .id(tenantId), .id(customerId), .id(restaurantId), .text(restaurantName), .text(restaurantAddress),
      .real(restaurantPoint.latitude), .real(restaurantPoint.longitude), .text(customerAddress), .optional(customerInstructions),
      .real(customerPoint.latitude), .real(customerPoint.longitude), .integer(distanceMeters), .text(way.currency.code), .integer(way.units),
      .integer(tip.units), .word(status), .id(partnerId), .optional(handOverCode), .integer(wrongCodes), .integer(round.radiusIndex),
      .integer(round.asked), .integer(round.number), .instant(dueAt), .boolean(wasReported), .instant(readyAt), .instant(createdAt),
      .instant(assignedAt), .instant(arrivedAtRestaurantAt), .instant(pickedUpAt), .instant(arrivedAtCustomerAt), .instant(endedAt),
      .optional(reason), .optional(stars), .integer(version), .optional(lastWrongCode), .id(failedPartnerId)
    ]
  }

  /// The steps that partners make, with their times.
  var steps: [StepTime] {
    let ended: (DeliveryStatus, Instant?) = (DeliveryStatus.ended.contains(status) ? status : .delivered, endedAt)
    let all: [(DeliveryStatus, Instant?)] = [
      (.searching, createdAt), (.assigned, assignedAt), (.arrivedAtRestaurant, arrivedAtRestaurantAt), (.pickedUp, pickedUpAt),
      (.arrivedAtCustomer, arrivedAtCustomerAt), ended
    ]
    return all.compactMap { status, at in at.map { StepTime(status: status.rawValue, at: $0) } }
  }

  /// The time of the newest step.
  var lastStepAt: Instant { arrivedAtCustomerAt ?? pickedUpAt ?? arrivedAtRestaurantAt ?? assignedAt ?? createdAt }
  var isRunning: Bool { DeliveryStatus.running.contains(status) }
  var hasEnded: Bool { DeliveryStatus.ended.contains(status) }

  /// - Parameter forPartner: a partner sees where it went only until it ended.
  func view(forPartner: Bool) -> Delivery {
    let showsCustomer = !forPartner || !hasEnded
    return Delivery(
      id: id, orderId: orderId, tenantId: tenantId, restaurantId: restaurantId, restaurantName: restaurantName,
      restaurantAddress: restaurantAddress, restaurantPoint: restaurantPoint, customerAddress: showsCustomer ? customerAddress : nil,
      customerPoint: showsCustomer ? customerPoint : nil, customerInstructions: showsCustomer ? customerInstructions : nil, status: status,
      partnerId: partnerId, distanceMeters: distanceMeters, currency: way.currency, pay: (way + tip).amount, readyAt: readyAt,
      createdAt: createdAt, steps: steps, reason: reason, version: version)
  }

  var notice: DeliveryNotice {
    DeliveryNotice(
      deliveryId: id, orderId: orderId, tenantId: tenantId, customerId: customerId, partnerId: partnerId, status: status, reason: reason)
  }

  func update(offer: OfferID? = nil, at: Instant) -> DeliveryUpdate {
    DeliveryUpdate(
      deliveryId: id, orderId: orderId, status: status, deliveryPartnerId: partnerId, offerId: offer, reason: reason, timestamp: at)
  }

  func offer(_ id: OfferID, expiresAt: Instant) -> Offer {
    Offer(
      offerId: id, deliveryId: self.id, orderId: orderId, restaurantName: restaurantName, restaurantAddress: restaurantAddress,
      restaurantPoint: restaurantPoint, customerPoint: customerPoint, distanceMeters: distanceMeters, pay: (way + tip).amount,
      currency: way.currency, readyAt: readyAt, expiresAt: expiresAt)
  }
}
