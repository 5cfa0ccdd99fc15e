import CatalogAPI
import Kernel
import Persistence
import ServiceKit
import Wire

/// Changes a category, once per version.
struct UpdateCategoryHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: UpdateCategory) async throws -> MenuCategory {
    if let name = request.name, name.isBlank { throw InvalidInput([Fault(path: "name", message: "must not be blank")]) }
    let caller = Caller.current
    return try await context.changeMenu { transaction in
      let store = CategoryStore(transaction)
      guard let owned = try store.find(request.categoryId), !owned.isDeleted, caller.actsFor(owned.tenantID) else {
        throw CatalogRefusal.categoryUnknown
      }
      var category = owned.category
      if let version = request.version, version != category.version { throw CatalogRefusal.stale }
      category.version += 1
      if let name = request.name { category.name = name }
      if let description = request.description { category.description = description.nonEmpty }
      if let sortOrder = request.sortOrder { category.sortOrder = sortOrder }
      guard try store.update(category) else { throw CatalogRefusal.stale }
      return MenuChange(value: category, restaurant: category.restaurantId, tenant: owned.tenantID)
    }
  }
}
