public import CatalogAPI
public import Kernel
public import PricingAPI
public import ServiceKit
public import Wire

/// Where the money of an order stands, as far as its readers must know.
public enum OrderPaymentStatus: String, WireEnum, Hashable { case pending, initiated, authorized, succeeded, failed, voided, refunded }

/// How an order is paid, and how far that is.
@Wire public struct OrderPayment: Hashable, Sendable {
  public var method: PaymentMethod
  public var status: OrderPaymentStatus
}

/// One entry of an order's history: who moved it, when, and why; a note where `from` equals `status`.
@Wire public struct StatusChange: Hashable, Sendable {
  public var status: OrderStatus
  /// Absent for the first.
  public var from: OrderStatus?
  public var at: Instant
  public var by: OrderActor
  /// The person, where it was one.
  public var byUserId: UserID?
  public var reason: String?
}

/// The courier who brings an order.
@Wire public struct OrderPartner: Hashable, Sendable {
  public var partnerId: UserID
  public var name: String
}

/// An order as its customer, its restaurant and its courier see it.
@Wire public struct Order: Hashable, Sendable, Versioned {
  public var id: OrderID
  public var version: Int
  public var status: OrderStatus
  public var tenantId: TenantID
  public var restaurantId: RestaurantID
  public var restaurantName: String
  public var restaurantAddress: String
  public var restaurantPoint: GeoPoint
  public var customerId: UserID
  public var fulfilment: Fulfilment
  public var items: [QuotedItem]
  public var currency: Currency
  public var subtotal: Amount
  public var deliveryFee: Amount
  public var tax: Amount
  public var taxLines: [TaxLine]
  public var discount: Amount
  public var tip: Amount
  public var total: Amount
  public var payment: OrderPayment
  public var deliveryAddress: DeliveryAddress?
  public var specialInstructions: String?
  /// When the guest wants it, for an order placed ahead.
  public var wantedAt: Instant?
  /// Until when the restaurant may answer.
  public var acceptBy: Instant?
  /// When the kitchen expects to be done; known from the confirmation on.
  public var readyAt: Instant?
  public var estimatedDeliveryTime: Instant?
  public var deliveryPartner: OrderPartner?
  /// What is given back when the order ended early.
  public var refund: Amount?
  /// The stars that the customer gave the meal, from 1 to 5.
  public var rating: Int?
  /// What the customer wrote about the meal.
  public var ratingComment: String?
  public var placedAt: Instant
  public var createdAt: Instant
  public var updatedAt: Instant
  public var history: [StatusChange]
}
