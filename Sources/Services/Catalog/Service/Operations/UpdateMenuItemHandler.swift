import CatalogAPI
import Kernel
import Persistence
import ServiceKit
import Wire

/// Changes a dish, once per version, and remembers a new price.
struct UpdateMenuItemHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: SetItemAvailability) async throws -> MenuItem {
    if request.isAvailable == nil, request.unavailableUntil == nil { throw InvalidInput([Fault(path: "isAvailable", message: "is required")]) }
    return try await self(
      UpdateMenuItem(
        menuItemId: request.menuItemId, version: request.version, isAvailable: request.isAvailable, unavailableUntil: request.unavailableUntil))
  }

  func callAsFunction(_ request: UpdateMenuItem) async throws -> MenuItem {
    let caller = Caller.current
    let now = context.time.now
    let ids = context.ids
    let item = try await context.changeMenu { transaction in
      let store = MenuItemStore(transaction)
      guard let owned = try store.find(request.menuItemId), !owned.isDeleted, caller.actsFor(owned.tenantID) else {
        throw CatalogRefusal.itemUnknown
      }
      var faults = request.faults(in: owned.item.currency)
      if let category = request.categoryId, category != owned.item.categoryId {
        let known = try CategoryStore(transaction).find(category)
        if known.map({ $0.isDeleted || $0.category.restaurantId != owned.item.restaurantId }) ?? true {
          faults.append(Fault(path: "categoryId", message: "is no category of this restaurant"))
        }
      }
      try faults.throwIfAny()
      if let version = request.version, version != owned.item.version { throw CatalogRefusal.stale }
      let item = owned.item.changed(by: request, ids: ids)
      guard try store.update(item, at: now) else { throw CatalogRefusal.stale }
      if item.price != owned.item.price { try store.notePrices(of: [item], by: caller.user, at: now) }
      return MenuChange(
        value: item, restaurant: item.restaurantId, tenant: owned.tenantID, items: [item.id], renames: item.name != owned.item.name)
    }
    return item.asOf(now)
  }
}
