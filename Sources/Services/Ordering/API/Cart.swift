public import CatalogAPI
public import Kernel
import ServiceKit
public import Wire

public enum CartLineEntity {}
public typealias CartLineID = Identifier<CartLineEntity>

/// One line of a cart, at the price of now.
@Wire public struct CartLine: Hashable, Sendable {
  public var lineId: CartLineID
  public var menuItemId: MenuItemID
  public var quantity: Int
  public var optionIds: [OptionID]
  public var specialInstructions: String?
  /// Absent where the dish cannot be had now.
  public var name: String?
  public var unitPrice: Amount?
  public var lineTotal: Amount?
  public var isAvailable: Bool
  /// Why the dish cannot be had.
  public var problem: String?
}

/// What somebody is about to order, at one restaurant.
@Wire public struct Cart: Hashable, Sendable {
  public var restaurantId: RestaurantID?
  public var restaurantName: String?
  public var currency: Currency?
  public var items: [CartLine]
  /// Of the dishes that can be had.
  public var subtotal: Amount?
  /// How many portions.
  public var itemCount: Int
}
