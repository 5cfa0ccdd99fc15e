public import CatalogAPI
public import Kernel
public import ServiceKit
public import Wire

/// The customer gave a meal its stars.
@Wire public struct OrderRated: Event {
  public static let name = "order.rated"
  public static let topic = Topic.orders
  public var orderId: OrderID
  public var tenantId: TenantID
  public var restaurantId: RestaurantID
  /// From 1 to 5.
  public var stars: Int

  public var tenant: TenantID? { tenantId }
  public var aggregate: String { "order:\(orderId)" }
}
