public import Kernel
public import ServiceKit
public import Wire

/// Adds a category to a restaurant's menu.
@Wire public struct CreateCategory: Operation {
  public static let address = OperationAddress("catalog", "createCategory")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.once
  public typealias Reply = MenuCategory
  public typealias Refusal = CatalogRefusal

  public var restaurantId: RestaurantID
  @Field(.length(1...80)) public var name: String
  @Field(.length(0...500)) public var description: String?
  @Field(.within(0...100_000)) public var sortOrder: Int = 0
}
