import Caching
import CatalogAPI
import ServiceKit

/// Reads one menu from memory.
struct GetMenuHandler: Sendable {
  let context: CatalogContext

  func ready(_ request: GetMenu) -> Encoded<Menu>? { context.warm.menus.cached(request.restaurantId)?.encoded(at: context.time.now) }

  func callAsFunction(_ request: GetMenu) async throws -> Encoded<Menu> {
    try await context.menu(request.restaurantId).encoded(at: context.time.now)
  }
}
