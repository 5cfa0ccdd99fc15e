public import CatalogAPI
public import Kernel
public import ServiceKit
public import Wire

/// What one day brought a restaurant, by the orders that were placed on it; for the tenant's staff and for administrators.
@Wire public struct GetRestaurantDay: Operation {
  public static let address = OperationAddress("ordering", "getRestaurantDay")
  public static let access = Access.roles(Role.staff.union(Role.administrators))
  public static let repeatability = Repeatability.safe
  public typealias Reply = RestaurantDay
  public typealias Refusal = OrderRefusal

  public var restaurantId: RestaurantID
  /// By the restaurant's calendar; absent: today.
  public var date: LocalDate?
}

/// The figures of a restaurant's day.
@Wire public struct RestaurantDay: Hashable, Sendable {
  public var restaurantId: RestaurantID
  public var date: LocalDate
  /// Whose midnights begin and end the day.
  public var timeZone: String
  public var currency: Currency
  /// All that were placed, however they ended.
  public var placed: Int
  public var open: Int
  /// Delivered, taken or eaten in; the amounts are theirs.
  public var served: Int
  public var rejected: Int
  public var cancelled: Int
  public var subtotal: Amount
  public var deliveryFees: Amount
  /// All taxes, whether added or contained.
  public var tax: Amount
  public var discounts: Amount
  public var tips: Amount
  public var total: Amount
  /// From the confirmation until the food could be taken, on average; absent before the first.
  public var preparationMinutes: Double?
  /// From the order until it was at the door, on average of what was delivered; absent before the first.
  public var doorMinutes: Double?
  /// What was served most, ten dishes at most.
  public var topItems: [SoldItem]
  /// How many were placed in each hour of the day, 24 numbers.
  public var placedByHour: [Int]
}

/// How often a dish was served on a day.
@Wire public struct SoldItem: Hashable, Sendable {
  public var menuItemId: MenuItemID
  public var name: String
  public var quantity: Int
  /// Options included, without taxes that are added.
  public var revenue: Amount
}
