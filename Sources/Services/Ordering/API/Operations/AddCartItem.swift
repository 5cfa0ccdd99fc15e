public import CatalogAPI
public import ServiceKit
public import Wire

/// Puts a dish into the caller's cart; the same dish with the same options and wish becomes one line.
@Wire public struct AddCartItem: Operation {
  public static let address = OperationAddress("ordering", "addCartItem")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.once
  public typealias Reply = Cart
  public typealias Refusal = OrderRefusal

  public var restaurantId: RestaurantID
  public var menuItemId: MenuItemID
  @Field(.within(1...99)) public var quantity: Int = 1
  @Field(.count(0...30)) public var optionIds: [OptionID] = []
  @Field(.length(0...280)) public var specialInstructions: String?
  /// Whether a cart of another restaurant is emptied first.
  public var replace: Bool = false
}
