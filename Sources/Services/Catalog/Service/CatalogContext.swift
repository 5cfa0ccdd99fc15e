import Caching
import CatalogAPI
import Hosting
import Kernel
import Messaging
import Persistence
import ServiceKit
import Wire

/// What the catalogue's handlers work with.
struct CatalogContext: Sendable {
  let database: any Database
  let switchboard: Switchboard
  let outbox: Outbox
  let time: TimeSource
  let ids: IdentifierSource
  let warm: WarmCatalog
  /// Whether what a tenant's managers open waits for an administrator.
  let requiresApproval: Bool

  /// A menu is read whole, so it is bounded.
  static let mostItems = 2000
  static let mostCategories = 200

  /// The restaurant, from memory when it is there.
  ///
  /// - Throws: `CatalogRefusal.restaurantUnknown`.
  func restaurant(_ id: RestaurantID) async throws -> WarmRestaurant {
    if let kept = warm.restaurants.cached(id) { return kept }
    return try await warm.restaurants.value(for: id) {
      guard let record = try await database.read({ try RestaurantStore($0).find(id) }) else { throw CatalogRefusal.restaurantUnknown }
      return WarmRestaurant(record, at: time.now)
    }
  }

  /// The menu, from memory when it is there.
  ///
  /// - Throws: `CatalogRefusal.restaurantUnknown`.
  func menu(_ id: RestaurantID) async throws -> WarmMenu {
    if let kept = warm.menus.cached(id) { return kept }
    // Its tenant is part of the name under which other nodes find it.
    if warm.isShared { try await warm.note(restaurant(id).record.tenantID, of: id) }
    return try await warm.menus.value(for: id) {
      try await database.read { transaction in
        // A restaurant's currency never changes, so a menu need not be read again when the restaurant changes.
        guard let record = try RestaurantStore(transaction).find(id) else { throw CatalogRefusal.restaurantUnknown }
        return WarmMenu(
          id, currency: record.details.currency, categories: try CategoryStore(transaction).all(of: id),
          items: try MenuItemStore(transaction).all(of: id))
      }
    }
  }

  /// Makes those restaurants findable that a version of the program without search wrote.
  func fillSearch() async throws {
    let batch = 200
    guard try await !database.read({ try SearchStore($0).missing(limit: 1) }).isEmpty else { return }
    var filled = batch
    while filled == batch {
      filled = try await database.write { transaction in
        let (search, restaurants) = (SearchStore(transaction), RestaurantStore(transaction))
        let missing = try search.missing(limit: batch)
        for id in missing {
          guard let record = try restaurants.find(id) else { continue }
          try search.put(record)
          try search.putDishes(of: id)
        }
        return missing.count
      }
    }
  }

  /// Writes a change of a menu with its event, and forgets the menu once it is on disk.
  func changeMenu<Value: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> MenuChange<Value>
  ) async throws -> Value {
    let (outbox, warm) = (outbox, warm)
    return try await database.write { transaction in
      let change = try body(transaction)
      guard let restaurant = change.restaurant else { return change.value }
      if change.renames { try SearchStore(transaction).putDishes(of: restaurant) }
      try outbox.publish(MenuUpdated(restaurantId: restaurant, tenantId: change.tenant, menuItemIds: change.items), in: transaction)
      transaction.afterCommit { warm.dropMenu(restaurant, of: change.tenant) }
      return change.value
    }
  }
}

/// What a transaction did to a menu, and what it answers.
struct MenuChange<Value: Sendable>: Sendable {
  var value: Value
  /// Whose menu changed; nothing when nothing did.
  var restaurant: RestaurantID?
  var tenant: TenantID
  var items: [MenuItemID] = []
  /// Whether dishes came, went, or are called otherwise.
  var renames = false
}

extension RestaurantStore {
  /// The restaurant, if the caller may act for its tenant; other tenants' restaurants do not exist for it.
  func find(_ id: RestaurantID, for caller: Caller) throws -> RestaurantRecord {
    guard let record = try find(id), caller.actsFor(record.tenantID) else { throw CatalogRefusal.restaurantUnknown }
    return record
  }
}

extension Array where Element == Fault {
  /// Throws all faults, if there are any.
  func throwIfAny() throws(InvalidInput) { if !isEmpty { throw InvalidInput(self) } }
}
