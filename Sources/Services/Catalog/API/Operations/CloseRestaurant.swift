public import Kernel
public import ServiceKit
public import Wire

/// Takes a restaurant off the platform; orders and history keep it, and its managers may bring it back. Closing it again changes nothing.
@Wire public struct CloseRestaurant: Operation {
  public static let address = OperationAddress("catalog", "closeRestaurant")
  public static let access = Access.roles([.owner, .admin, .superAdmin])
  public static let repeatability = Repeatability.idempotent
  public typealias Refusal = CatalogRefusal

  public var restaurantId: RestaurantID
}
