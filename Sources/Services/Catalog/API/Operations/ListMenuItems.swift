public import Kernel
public import ServiceKit
public import Wire

/// The dishes of a restaurant page by page, those that are out included.
@Wire public struct ListMenuItems: Operation {
  public static let address = OperationAddress("catalog", "listMenuItems")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<MenuItem>
  public typealias Refusal = CatalogRefusal

  public var restaurantId: RestaurantID
  public var categoryId: CategoryID?
  @Field(.within(1...100)) public var limit: Int = 50
  @Field(.length(1...100)) public var cursor: String?
}
