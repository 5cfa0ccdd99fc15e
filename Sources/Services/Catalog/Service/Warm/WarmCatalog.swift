import CatalogAPI
import Kernel
import ServiceKit
import Synchronization

/// What this node keeps of the catalogue in memory, so that hot reads touch neither database nor encoder.
///
/// Whatever changes drops it at once: the writer itself after its commit, other nodes by the event. What was being loaded
/// meanwhile may be older than the change and is not kept.
final class WarmCatalog: Sendable {
  /// How long each kind is kept without a change.
  struct Spans: Sendable {
    var restaurant: Duration
    var menu: Duration
    var list: Duration
  }

  /// Taken before a load; tells whether something was dropped since.
  struct Ticket: Sendable { fileprivate let drops: Int }

  private struct Kept<Value> {
    var value: Value
    var until: Instant
  }

  private struct Shelves {
    var restaurants: [RestaurantID: Kept<WarmRestaurant>] = [:]
    var menus: [RestaurantID: Kept<WarmMenu>] = [:]
    var lists: [ListRestaurants: Kept<Encoded<Page<RestaurantSummary>>>] = [:]
    /// Counts the drops of each restaurant, and under `nil` those of lists.
    var drops: [RestaurantID?: Int] = [:]
  }

  /// Anybody may ask for any point, so the lists are cleared when they become many.
  static let mostLists = 2000
  static let mostRestaurants = 50_000

  private let shelves = Mutex(Shelves())
  private let spans: Spans

  init(_ spans: Spans) { self.spans = spans }

  func restaurant(_ id: RestaurantID, at now: Instant) -> WarmRestaurant? {
    shelves.withLock { $0.restaurants[id].flatMap { now < $0.until ? $0.value : nil } }
  }

  func menu(_ id: RestaurantID, at now: Instant) -> WarmMenu? {
    shelves.withLock { $0.menus[id].flatMap { now < $0.until ? $0.value : nil } }
  }

  func list(_ query: ListRestaurants, at now: Instant) -> Encoded<Page<RestaurantSummary>>? {
    shelves.withLock { $0.lists[query].flatMap { now < $0.until ? $0.value : nil } }
  }

  func ticket(_ id: RestaurantID?) -> Ticket { shelves.withLock { Ticket(drops: $0.drops[id, default: 0]) } }

  func keep(_ restaurant: WarmRestaurant, _ ticket: Ticket, at now: Instant) {
    shelves.withLock { shelves in
      guard shelves.drops[restaurant.record.id, default: 0] == ticket.drops else { return }
      if shelves.restaurants.count >= Self.mostRestaurants { shelves.restaurants.removeAll() }
      shelves.restaurants[restaurant.record.id] = Kept(value: restaurant, until: now + spans.restaurant)
    }
  }

  func keep(_ menu: WarmMenu, of id: RestaurantID, _ ticket: Ticket, at now: Instant) {
    shelves.withLock { shelves in
      guard shelves.drops[id, default: 0] == ticket.drops else { return }
      if shelves.menus.count >= Self.mostRestaurants { shelves.menus.removeAll() }
      shelves.menus[id] = Kept(value: menu, until: now + spans.menu)
    }
  }

  /// - Parameter turnsAt: when the first open state on the list turns.
  func keep(_ list: Encoded<Page<RestaurantSummary>>, of query: ListRestaurants, turnsAt: Instant?, _ ticket: Ticket, at now: Instant) {
    shelves.withLock { shelves in
      guard shelves.drops[nil, default: 0] == ticket.drops else { return }
      if shelves.lists.count >= Self.mostLists { shelves.lists.removeAll() }
      shelves.lists[query] = Kept(value: list, until: min(now + spans.list, turnsAt ?? Instant(milliseconds: .max)))
    }
  }

  /// The restaurant changed: it, its menu's terms and every list that may show it are read again.
  func dropRestaurant(_ id: RestaurantID) {
    shelves.withLock { shelves in
      shelves.drops[id, default: 0] += 1
      shelves.drops[nil, default: 0] += 1
      shelves.restaurants[id] = nil
      shelves.menus[id] = nil
      shelves.lists.removeAll()
    }
  }

  func dropMenu(_ id: RestaurantID) {
    shelves.withLock { shelves in
      shelves.drops[id, default: 0] += 1
      shelves.menus[id] = nil
    }
  }
}
