public import Kernel
public import ServiceKit
public import Wire

/// Adds a dish to a menu.
@Wire public struct CreateMenuItem: Operation {
  public static let address = OperationAddress("catalog", "createMenuItem")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.once
  public typealias Reply = MenuItem
  public typealias Refusal = CatalogRefusal

  public var restaurantId: RestaurantID
  public var categoryId: CategoryID
  @Field(.length(1...120)) public var name: String
  public var price: Amount
  @Field(.length(0...1000)) public var description: String?
  @Field(.length(0...500)) public var imageUrl: String?
  @Field(.length(0...40)) public var taxClass: String?
  public var isAvailable: Bool = true
  public var unavailableUntil: Instant?
  @Field(.within(0...100_000)) public var sortOrder: Int = 0
  @Field(.count(0...20)) public var optionGroups: [OptionGroupDraft] = []
}
