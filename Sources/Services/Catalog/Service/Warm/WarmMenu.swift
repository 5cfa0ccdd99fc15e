import CatalogAPI
import Kernel
import ServiceKit
import Synchronization

/// A menu held in memory: decoded for quotes, and as bytes until a dish that is out comes back.
final class WarmMenu: Sendable {
  private let restaurant: RestaurantID
  let currency: Currency
  let categories: [MenuCategory]
  let items: [MenuItem]
  private let positions: [MenuItemID: Int]
  private let moment: Mutex<(from: Instant, until: Instant, bytes: Encoded<Menu>)?> = Mutex(nil)

  init(_ restaurant: RestaurantID, currency: Currency, categories: [MenuCategory], items: [MenuItem]) {
    self.restaurant = restaurant
    self.currency = currency
    self.categories = categories
    self.items = items
    positions = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($1.id, $0) })
  }

  /// The dish as it is kept; `asOf` tells whether it can be had.
  func item(_ id: MenuItemID) -> MenuItem? { positions[id].map { items[$0] } }

  /// The menu as it reads now.
  func encoded(at now: Instant) -> Encoded<Menu> {
    moment.withLock { moment in
      if let kept = moment, kept.from <= now, now < kept.until { return kept.bytes }
      let until = items.compactMap(\.unavailableUntil).filter { now < $0 }.min() ?? Instant(milliseconds: .max)
      let bytes = Encoded(menu(at: now))
      moment = (now, until, bytes)
      return bytes
    }
  }

  func menu(at now: Instant) -> Menu {
    let byCategory = Dictionary(grouping: items, by: \.categoryId)
    return Menu(
      restaurantId: restaurant, currency: currency,
      categories: categories.compactMap { category in
        guard let items = byCategory[category.id] else { return nil }
        return MenuSection(
          id: category.id, name: category.name, description: category.description, sortOrder: category.sortOrder,
          items: items.map { $0.asOf(now) })
      })
  }
}
