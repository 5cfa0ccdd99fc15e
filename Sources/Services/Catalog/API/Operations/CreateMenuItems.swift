public import Kernel
public import ServiceKit
public import Wire

/// Adds many dishes to one menu, all or none.
@Wire public struct CreateMenuItems: Operation {
  public static let address = OperationAddress("catalog", "createMenuItems")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.once
  public typealias Reply = CreatedMenuItems
  public typealias Refusal = CatalogRefusal

  public var restaurantId: RestaurantID
  @Field(.count(1...200)) public var items: [MenuItemDraft]
}

/// A dish as it is sent in.
@Wire public struct MenuItemDraft: Hashable, Sendable {
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

/// The dishes that were added, in the order they were sent in.
@Wire public struct CreatedMenuItems: Hashable, Sendable {
  public var items: [MenuItem]
}
