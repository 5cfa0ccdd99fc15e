import CatalogAPI
import Kernel
import Persistence
import ServiceKit

/// Takes a dish off the menu.
struct DeleteMenuItemHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: DeleteMenuItem) async throws -> Done {
    let caller = Caller.current
    let now = context.time.now
    return try await context.changeMenu { transaction in
      let store = MenuItemStore(transaction)
      guard let owned = try store.find(request.menuItemId), caller.actsFor(owned.tenantID) else { throw CatalogRefusal.itemUnknown }
      if owned.isDeleted { return MenuChange(value: Done(), restaurant: nil, tenant: owned.tenantID) }
      try store.delete(request.menuItemId, at: now)
      return MenuChange(value: Done(), restaurant: owned.item.restaurantId, tenant: owned.tenantID, items: [owned.item.id], renames: true)
    }
  }
}
