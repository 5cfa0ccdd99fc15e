import CatalogAPI
import Kernel
import Persistence
import ServiceKit
import Wire

/// Lists dishes by id.
struct ListMenuItemsHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: ListMenuItems) async throws -> Page<MenuItem> {
    let cursor = try request.cursor.map { text in
      guard let id = MenuItemID(text) else { throw InvalidInput([Fault(path: "cursor", message: "is not one of this list")]) }
      return id
    }
    let items = try await context.database.read { transaction in
      guard try RestaurantStore(transaction).find(request.restaurantId) != nil else { throw CatalogRefusal.restaurantUnknown }
      return try MenuItemStore(transaction).page(
        of: request.restaurantId, category: request.categoryId, after: cursor, limit: request.limit + 1)
    }
    let now = context.time.now
    return Page(items.map { $0.asOf(now) }, upTo: request.limit, cursor: \.id.description)
  }
}
