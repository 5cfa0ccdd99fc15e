import CatalogAPI
import Kernel
import ServiceKit

/// Lists the categories of a menu; there are few, so they are one page.
struct ListCategoriesHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: ListCategories) async throws -> Page<MenuCategory> {
    Page(items: try await context.menu(request.restaurantId).categories)
  }
}
