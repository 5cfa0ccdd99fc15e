public import CatalogAPI
public import Kernel
import PricingAPI
public import ServiceKit
public import Wire

public enum OrderEntity {}
public typealias OrderID = Identifier<OrderEntity>

/// Where an order stands; the one state machine of the platform.
public enum OrderStatus: String, CaseIterable, Hashable, Sendable {
  case pending, confirmed, preparing
  case readyForPickup = "ready_for_pickup"
  case outForDelivery = "out_for_delivery"
  case delivered, completed, rejected, cancelled
}

extension OrderStatus: WireEnum {
  /// Reads a name of any of the source descriptions, of either case; only the names above are ever written.
  public static func read(_ reader: inout JSONReader) -> OrderStatus? {
    guard let text = reader.text() else { return nil }
    return OrderStatus(accepting: text) ?? reader.reject("must be one of \(allCases.map(\.rawValue).joined(separator: ", "))")
  }

  public init?(accepting text: String) {
    switch text.lowercased() {
    case "placed", "created": self = .pending
    case "ready": self = .readyForPickup
    case "picked_up": self = .outForDelivery
    case let name: self.init(rawValue: name)
    }
  }
}

/// How an order is paid.
public enum PaymentMethod: String, WireEnum, Hashable { case cash, card }

/// How the customer pays for an order.
@Wire public struct PaymentChoice: Hashable, Sendable {
  public var method: PaymentMethod
  /// The provider's token of the card; the sandbox takes `tok_approve`, `tok_decline`, `tok_timeout`, `tok_late`, `tok_twice`.
  @Field(.length(1...200)) public var cardToken: String?
}

/// Where food is brought.
@Wire public struct DeliveryAddress: Hashable, Sendable {
  /// Street, door, city in one text.
  @Field(.length(1...300)) public var text: String
  public var point: GeoPoint
  @Field(.length(0...280)) public var instructions: String?
}

/// The amounts of an order beside each other, with who, where and what: what events tell of an order.
@Wire public struct OrderNotice: Hashable, Sendable {
  public var orderId: OrderID
  public var tenantId: TenantID
  public var restaurantId: RestaurantID
  public var restaurantName: String
  public var restaurantPoint: GeoPoint
  public var restaurantAddress: String
  public var customerId: UserID
  public var status: OrderStatus
  public var version: Int
  public var fulfilment: Fulfilment
  public var paymentMethod: PaymentMethod
  public var currency: Currency
  public var total: Amount
  public var deliveryFee: Amount
  public var tip: Amount
  public var deliveryAddress: DeliveryAddress?
  public var itemCount: Int
  public var placedAt: Instant
  /// When the kitchen expects to be done.
  public var readyAt: Instant?
  public var estimatedDeliveryTime: Instant?
  public var reason: String?
  /// What the customer shall be given back of what was captured or is held, when the order ends early: the whole total, or less.
  public var refund: Amount?
}
