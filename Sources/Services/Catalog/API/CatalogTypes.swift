public import Kernel
public import ServiceKit
public import Wire

public enum RestaurantEntity {}
public enum CategoryEntity {}
public enum MenuItemEntity {}
public enum OptionGroupEntity {}
public enum OptionEntity {}
public typealias RestaurantID = Identifier<RestaurantEntity>
public typealias CategoryID = Identifier<CategoryEntity>
public typealias MenuItemID = Identifier<MenuItemEntity>
public typealias OptionGroupID = Identifier<OptionGroupEntity>
public typealias OptionID = Identifier<OptionEntity>

/// How food reaches the guest.
public enum Fulfilment: String, WireEnum, Hashable {
  case delivery, pickup
  case dineIn = "dine_in"
}

/// One dish wanted, with the options chosen.
@Wire public struct WantedItem: Hashable, Sendable {
  public var menuItemId: MenuItemID
  /// How many portions.
  @Field(.within(1...99)) public var quantity: Int
  @Field(.count(0...30)) public var optionIds: [OptionID] = []
  /// A wish to the kitchen.
  @Field(.length(0...280)) public var specialInstructions: String?
}

/// An option as it was chosen and priced.
@Wire public struct ChosenOption: Hashable, Sendable {
  public var optionId: OptionID
  public var name: String
  public var price: Amount
}

/// One dish as the menu has it at this moment: what an order captures.
@Wire public struct QuotedItem: Hashable, Sendable {
  public var menuItemId: MenuItemID
  public var name: String
  public var quantity: Int
  /// Of one portion, options included.
  public var unitPrice: Amount
  public var options: [ChosenOption] = []
  public var specialInstructions: String?
  /// The tax class of the dish; absent where the restaurant's default applies.
  public var taxClass: String?
}

/// What others must know of a restaurant to price, place and deliver an order.
@Wire public struct RestaurantTerms: Hashable, Sendable {
  public var restaurantId: RestaurantID
  public var tenantId: TenantID
  public var name: String
  public var currency: Currency
  /// IANA name.
  public var timeZone: String
  public var address: String
  public var point: GeoPoint
  public var preparationMinutes: Int
  public var minimumOrder: Amount
  public var acceptsDelivery: Bool
  public var acceptsPickup: Bool
  /// The farthest door it delivers to.
  public var deliveryRadiusMeters: Int
  public var taxRules: [TaxRule] = []
  /// What delivery costs; absent: as the platform is set.
  public var deliveryFee: DeliveryFeeRule?
}
