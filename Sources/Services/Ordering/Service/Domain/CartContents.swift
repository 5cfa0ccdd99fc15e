import CatalogAPI
import Kernel
import OrderingAPI
import Wire

/// What somebody wants, as the cart keeps it: wishes only, prices come from the menu at each look.
@Wire struct CartEntry: Hashable, Sendable {
  var lineId: CartLineID
  var menuItemId: MenuItemID
  var quantity: Int
  var optionIds: [OptionID]
  var specialInstructions: String?

  /// The entry as Catalog is asked for it.
  var wanted: WantedItem {
    WantedItem(menuItemId: menuItemId, quantity: quantity, optionIds: optionIds, specialInstructions: specialInstructions)
  }

  func isSameDish(as other: CartEntry) -> Bool {
    menuItemId == other.menuItemId && optionIds == other.optionIds && specialInstructions == other.specialInstructions
  }
}

/// The dishes of one restaurant that somebody is about to order.
struct CartContents: Hashable, Sendable {
  static let mostLines = 50
  static let mostPortions = 99

  var restaurantId: RestaurantID?
  var entries: [CartEntry] = []

  /// Adds a dish; with `replace`, a cart of another restaurant is emptied first.
  mutating func add(_ entry: CartEntry, from restaurant: RestaurantID, replace: Bool) throws(OrderRefusal) {
    if let restaurantId, restaurantId != restaurant, !entries.isEmpty {
      guard replace else { throw .cartOtherRestaurant }
      entries = []
    }
    restaurantId = restaurant
    if let at = entries.firstIndex(where: { $0.isSameDish(as: entry) }) {
      guard entries[at].quantity + entry.quantity <= Self.mostPortions else { throw .cartFull }
      entries[at].quantity += entry.quantity
    } else {
      guard entries.count < Self.mostLines else { throw .cartFull }
      entries.append(entry)
    }
  }

  /// Changes a line; `nil` leaves a part as it is, and a quantity of 0 takes the line out.
  mutating func change(_ line: CartLineID, quantity: Int?, optionIds: [OptionID]?, specialInstructions: String?) throws(OrderRefusal) {
    guard let at = entries.firstIndex(where: { $0.lineId == line }) else { throw .cartLineUnknown }
    if let quantity { entries[at].quantity = quantity }
    if let optionIds { entries[at].optionIds = optionIds }
    if let specialInstructions { entries[at].specialInstructions = specialInstructions.isEmpty ? nil : specialInstructions }
    if entries[at].quantity == 0 { entries.remove(at: at) }
    if entries.isEmpty { restaurantId = nil }
  }

  /// Takes over the cart that a browser filled before its person signed in; of two restaurants, the one chosen last wins.
  mutating func absorb(_ anonymous: CartContents) {
    guard let restaurant = anonymous.restaurantId, !anonymous.entries.isEmpty else { return }
    if restaurantId != restaurant { entries = [] }
    restaurantId = restaurant
    for entry in anonymous.entries {
      if let at = entries.firstIndex(where: { $0.isSameDish(as: entry) }) {
        entries[at].quantity = min(Self.mostPortions, entries[at].quantity + entry.quantity)
      } else if entries.count < Self.mostLines {
        entries.append(entry)
      }
    }
  }
}
