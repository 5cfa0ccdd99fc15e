import CatalogAPI
import Kernel
import Persistence
import ServiceKit

/// Reads one dish.
struct GetMenuItemHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: GetMenuItem) async throws -> MenuItem {
    guard let owned = try await context.database.read({ try MenuItemStore($0).find(request.menuItemId).map { ($0.item, $0.isDeleted) } }),
      !owned.1
    else { throw CatalogRefusal.itemUnknown }
    return owned.0.asOf(context.time.now)
  }
}
