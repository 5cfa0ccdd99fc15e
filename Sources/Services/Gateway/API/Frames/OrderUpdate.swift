public import CatalogAPI
public import Kernel
public import OrderingAPI
public import ServiceKit
public import Wire

/// The data of the frame `order_update` on `order:ID`, `tenant:ID` and `user:ID`.
@Wire public struct OrderUpdate: Hashable, Sendable {
  public var orderId: OrderID
  public var status: OrderStatus
  /// When it happened.
  public var timestamp: Instant
  public var version: Int
  /// Counts what happened to the order, without gaps.
  public var sequence: Int
  public var tenantId: TenantID
  public var restaurantId: RestaurantID
  public var restaurantName: String
  public var customerId: UserID
  public var fulfilment: Fulfilment
  public var itemCount: Int
  public var currency: Currency
  public var total: Amount
  public var placedAt: Instant
  public var readyAt: Instant?
  public var estimatedDeliveryTime: Instant?
  public var reason: String?
}
