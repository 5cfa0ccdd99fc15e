public import Kernel
public import ServiceKit
public import Wire

/// Everything a restaurant sells, by category.
@Wire public struct Menu: Hashable, Sendable {
  public var restaurantId: RestaurantID
  public var currency: Currency
  public var categories: [MenuSection]
}

/// One category of a menu with its dishes.
@Wire public struct MenuSection: Hashable, Sendable {
  public var id: CategoryID
  public var name: String
  public var description: String?
  public var sortOrder: Int
  public var items: [MenuItem]
}

/// A category as it is managed.
@Wire public struct MenuCategory: Hashable, Sendable, Versioned {
  public var id: CategoryID
  public var restaurantId: RestaurantID
  public var version: Int
  public var name: String
  public var description: String?
  public var sortOrder: Int
}

/// One dish.
@Wire public struct MenuItem: Hashable, Sendable, Versioned {
  public var id: MenuItemID
  public var restaurantId: RestaurantID
  public var categoryId: CategoryID
  public var version: Int
  public var name: String
  public var description: String?
  public var imageUrl: String?
  public var currency: Currency
  public var price: Amount
  public var taxClass: String?
  /// Whether it can be ordered at this moment.
  public var isAvailable: Bool
  /// When it can be had again, if that is known.
  public var unavailableUntil: Instant?
  public var sortOrder: Int
  public var optionGroups: [OptionGroup]
}

/// Choices that belong together, such as the size or the toppings of a dish.
@Wire public struct OptionGroup: Hashable, Sendable {
  public var id: OptionGroupID
  public var name: String
  /// How many must be chosen.
  public var minimum: Int
  /// How many may be chosen.
  public var maximum: Int
  public var options: [MenuOption]
}

/// One choice of a group; its price is added to the dish's.
@Wire public struct MenuOption: Hashable, Sendable {
  public var id: OptionID
  public var name: String
  public var price: Amount
  public var isAvailable: Bool
}

/// Choices as they are sent in; an id keeps the group that has it.
@Wire public struct OptionGroupDraft: Hashable, Sendable {
  public var id: OptionGroupID?
  @Field(.length(1...80)) public var name: String
  @Field(.within(0...30)) public var minimum: Int = 0
  /// Absent: as many as there are options.
  @Field(.within(1...30)) public var maximum: Int?
  @Field(.count(1...40)) public var options: [OptionDraft]
}

/// One choice as it is sent in; an id keeps the option that has it.
@Wire public struct OptionDraft: Hashable, Sendable {
  public var id: OptionID?
  @Field(.length(1...80)) public var name: String
  public var price: Amount = Amount(units: 0, scale: 0)
  public var isAvailable: Bool = true
}

/// What a dish cost from a moment on.
@Wire public struct PriceChange: Hashable, Sendable {
  public var currency: Currency
  public var price: Amount
  public var from: Instant
  public var by: UserID?
}
