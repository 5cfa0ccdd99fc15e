import CatalogAPI
import Kernel
import Persistence
import ServiceKit
import Wire

/// Adds a category.
struct CreateCategoryHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: CreateCategory) async throws -> MenuCategory {
    guard !request.name.isBlank else { throw InvalidInput([Fault(path: "name", message: "must not be blank")]) }
    let caller = Caller.current
    let now = context.time.now
    let category = MenuCategory(
      id: context.ids.next(), restaurantId: request.restaurantId, version: 1, name: request.name,
      description: request.description?.nonEmpty, sortOrder: request.sortOrder)
    return try await context.changeMenu { transaction in
      let restaurant = try RestaurantStore(transaction).find(request.restaurantId, for: caller)
      let store = CategoryStore(transaction)
      guard try store.count(of: restaurant.id) < CatalogContext.mostCategories else { throw CatalogRefusal.menuFull }
      try store.insert(category, tenant: restaurant.tenantID, at: now)
      return MenuChange(value: category, restaurant: restaurant.id, tenant: restaurant.tenantID)
    }
  }
}
