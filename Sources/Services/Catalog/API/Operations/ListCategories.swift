public import Kernel
public import ServiceKit
public import Wire

/// The categories of a restaurant's menu in their order, empty ones included.
@Wire public struct ListCategories: Operation {
  public static let address = OperationAddress("catalog", "listCategories")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<MenuCategory>
  public typealias Refusal = CatalogRefusal

  public var restaurantId: RestaurantID
}
