public import CatalogAPI
public import Kernel
public import ServiceKit
public import Wire

/// Orders, the newest first: a customer's own, those of a staff member's tenant, all for an administrator.
@Wire public struct ListOrders: Operation {
  public static let address = OperationAddress("ordering", "listOrders")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<Order>

  public var status: OrderStatus?
  public var restaurantId: RestaurantID?
  /// Whether staff and administrators ask for what they ordered themselves.
  public var mine: Bool = false
  @Field(.within(1...100)) public var limit: Int = 20
  public var cursor: OrderID?
}
