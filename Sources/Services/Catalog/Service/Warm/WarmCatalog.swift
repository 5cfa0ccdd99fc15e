import Caching
import CatalogAPI
import Kernel
import Observability
import ServiceKit

/// What this node keeps of the catalogue in memory, so that hot reads touch neither database nor encoder.
///
/// Whatever changes drops it at once: the writer itself after its commit, other nodes by the event.
final class WarmCatalog: Sendable {
  /// How long each kind is kept without a change.
  struct Spans: Sendable {
    var restaurant: Duration
    var menu: Duration
    var list: Duration
  }

  /// An answered list, and when the first open state that went into it turns.
  struct List: Sendable {
    var page: Encoded<Page<RestaurantSummary>>
    var turnsAt: Instant?
  }

  let restaurants: Cache<RestaurantID, WarmRestaurant>
  let menus: Cache<RestaurantID, WarmMenu>
  /// Anybody may ask for any point, so there are few places.
  let lists: Cache<ListRestaurants, List>

  init(_ spans: Spans, time: TimeSource) {
    restaurants = Cache(capacity: 20_000, keep: spans.restaurant, time: time)
    menus = Cache(capacity: 5000, keep: spans.menu, time: time)
    lists = Cache(capacity: 1000, keep: spans.list, time: time)
    measure(restaurants, "restaurant")
    measure(menus, "menu")
    measure(lists, "list")
  }

  private func measure<Key, Value>(_ cache: Cache<Key, Value>, _ name: String) {
    Metrics.shared.gauge("cache_hits_total", help: "Reads answered from a cache", ["cache": name]) { [weak cache] in Double(cache?.counts.hits ?? 0) }
    Metrics.shared.gauge("cache_misses_total", help: "Reads that a cache could not answer", ["cache": name]) { [weak cache] in
      Double(cache?.counts.misses ?? 0)
    }
  }

  /// The restaurant changed: it and every list that may show it are read again.
  func dropRestaurant(_ id: RestaurantID) {
    restaurants.invalidate(id)
    lists.invalidateAll { _ in true }
  }

  func dropMenu(_ id: RestaurantID) { menus.invalidate(id) }
}
