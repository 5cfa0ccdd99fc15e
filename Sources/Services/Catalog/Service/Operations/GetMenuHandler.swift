import Caching
import CatalogAPI
import ServiceKit

/// Reads one menu from memory.
struct GetMenuHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: GetMenu) async throws -> Encoded<Menu> {
    if let menu = context.warm.menus.cached(request.restaurantId) { return menu.encoded(at: context.time.now) }
    return try await context.menu(request.restaurantId).encoded(at: context.time.now)
  }
}
