import CatalogAPI
import Kernel
import Persistence
import ServiceKit
import Wire

/// Adds one dish, or many, all or none.
struct CreateMenuItemsHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: CreateMenuItems) async throws -> CreatedMenuItems {
    CreatedMenuItems(items: try await create(request.items, at: request.restaurantId) { "items[\($0)]." })
  }

  func callAsFunction(_ request: CreateMenuItem) async throws -> MenuItem {
    try await create([MenuItemDraft(request)], at: request.restaurantId) { _ in "" }[0]
  }

  /// - Parameter prefix: what stands before the path of a fault of one of the dishes.
  private func create(_ drafts: [MenuItemDraft], at restaurantID: RestaurantID, prefix: @escaping @Sendable (Int) -> String) async throws
    -> [MenuItem]
  {
    let caller = Caller.current
    let now = context.time.now
    let ids = context.ids
    let created = try await context.changeMenu { transaction in
      let restaurant = try RestaurantStore(transaction).find(restaurantID, for: caller)
      let currency = restaurant.details.currency
      let categories = Set(try CategoryStore(transaction).all(of: restaurant.id).map(\.id))
      var faults: [Fault] = []
      for (index, draft) in drafts.enumerated() {
        faults += draft.faults(in: currency, prefix: prefix(index))
        if !categories.contains(draft.categoryId) {
          faults.append(Fault(path: "\(prefix(index))categoryId", message: "is no category of this restaurant"))
        }
      }
      try faults.throwIfAny()
      let store = MenuItemStore(transaction)
      guard try store.count(of: restaurant.id) + drafts.count <= CatalogContext.mostItems else { throw CatalogRefusal.menuFull }
      let items = drafts.map { $0.item(ids.next(), of: restaurant.id, in: currency, ids: ids) }
      try store.insert(items, tenant: restaurant.tenantID, by: caller.user, at: now)
      return MenuChange(value: items, restaurant: restaurant.id, tenant: restaurant.tenantID, items: items.map(\.id), renames: true)
    }
    return created.map { $0.asOf(now) }
  }
}
