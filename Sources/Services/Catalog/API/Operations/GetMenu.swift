public import Kernel
public import ServiceKit
public import Wire

/// Everything a restaurant sells, by category.
@Wire public struct GetMenu: Operation {
  public static let address = OperationAddress("catalog", "getMenu")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = Encoded<Menu>
  public typealias Refusal = CatalogRefusal

  public var restaurantId: RestaurantID
}
