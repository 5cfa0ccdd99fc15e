import CatalogAPI
import Kernel
import Persistence
import ServiceKit

/// Takes an empty category off the menu.
struct DeleteCategoryHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: DeleteCategory) async throws -> Done {
    let caller = Caller.current
    let now = context.time.now
    return try await context.changeMenu { transaction in
      let store = CategoryStore(transaction)
      guard let owned = try store.find(request.categoryId), caller.actsFor(owned.tenantID) else { throw CatalogRefusal.categoryUnknown }
      if owned.isDeleted { return MenuChange(value: Done(), restaurant: nil, tenant: owned.tenantID) }
      guard try MenuItemStore(transaction).isEmpty(request.categoryId) else { throw CatalogRefusal.categoryNotEmpty }
      try store.delete(request.categoryId, at: now)
      return MenuChange(value: Done(), restaurant: owned.category.restaurantId, tenant: owned.tenantID)
    }
  }
}
