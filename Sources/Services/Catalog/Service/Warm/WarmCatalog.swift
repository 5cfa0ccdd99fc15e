import Caching
import CatalogAPI
import IdentityAPI
import Kernel
import Observability
import ServiceKit

/// What this node keeps of the catalogue in memory, so that hot reads touch neither database nor encoder.
///
/// Whatever changes drops it at once: the writer itself after its commit, other nodes by its signal, and by the event where there
/// are no signals. What one node has read of restaurants and menus the others find in the second level.
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

  let isShared: Bool
  /// Whose restaurant it is, which never changes.
  private let tenants: Cache<RestaurantID, TenantID>

  init(_ spans: Spans, time: TimeSource, shared: Neighbourhood) {
    isShared = shared.isShared
    let tenants = Cache<RestaurantID, TenantID>(capacity: 20_000, keep: .seconds(86_400 * 365), time: time)
    self.tenants = tenants
    restaurants = Cache(
      capacity: 20_000, keep: spans.restaurant, time: time,
      shared: SecondLevelUse(
        shared, topic: "catalog.restaurant", speed: time.speed, name: { "restaurant:\($0)" }, subject: \.description, key: { RestaurantID($0) },
        encode: { KeptRestaurant($0.record).bytes }, decode: { KeptRestaurant.read($1, at: time.now) }))
    menus = Cache(
      capacity: 5000, keep: spans.menu, time: time,
      shared: SecondLevelUse(
        shared, topic: "catalog.menu", speed: time.speed, name: { id in tenants.cached(id).map { "tenant:\($0):menu:\(id)" } },
        subject: \.description, key: { RestaurantID($0) }, encode: { KeptMenu($0).bytes }, decode: { KeptMenu.read($1, of: $0) }))
    let lists = Cache<ListRestaurants, List>(capacity: 1000, keep: spans.list, time: time)
    self.lists = lists
    shared.signals.listen(
      "catalog.restaurant", heard: { _ in lists.invalidateAll { _ in true } }, doubt: { lists.invalidateAll { _ in true } })
    shared.signals.listen(
      "catalog.menu", heard: { _ in lists.invalidateAll { $0.search != nil } }, doubt: { lists.invalidateAll { $0.search != nil } })
    measure(restaurants, "restaurant")
    measure(menus, "menu")
    measure(lists, "list")
  }

  /// Takes note of whose restaurant it is.
  func note(_ tenant: TenantID, of id: RestaurantID) { if tenants.cached(id) == nil { tenants.insert(tenant, for: id) } }

  private func measure<Key, Value>(_ cache: Cache<Key, Value>, _ name: String) {
    Metrics.shared.gauge("cache_hits_total", help: "Reads answered from a cache", ["cache": name]) { [weak cache] in Double(cache?.counts.hits ?? 0) }
    Metrics.shared.gauge("cache_misses_total", help: "Reads that a cache could not answer", ["cache": name]) { [weak cache] in
      Double(cache?.counts.misses ?? 0)
    }
  }

  /// The restaurant changed: it and every list that may show it are read again, on all nodes.
  func dropRestaurant(_ id: RestaurantID) {
    restaurants.invalidate(id)
    lists.invalidateAll { _ in true }
  }

  /// The menu changed: it is read again, on all nodes.
  func dropMenu(_ id: RestaurantID, of tenant: TenantID) {
    note(tenant, of: id)
    menus.invalidate(id)
    dropSearches()
  }

  /// Another node changed it, and has told the second level.
  func forgetRestaurant(_ id: RestaurantID) {
    restaurants.forget(id)
    lists.invalidateAll { _ in true }
  }

  func forgetMenu(_ id: RestaurantID) {
    menus.forget(id)
    dropSearches()
  }

  func forgetAll() {
    restaurants.invalidateAll { _ in true }
    menus.invalidateAll { _ in true }
    lists.invalidateAll { _ in true }
  }

  /// Lists that were searched for show restaurants by their dishes too.
  private func dropSearches() { lists.invalidateAll { $0.search != nil } }
}
