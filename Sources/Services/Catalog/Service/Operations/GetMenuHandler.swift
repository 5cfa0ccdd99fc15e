import CatalogAPI
import ServiceKit

/// Reads one menu from memory.
struct GetMenuHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: GetMenu) async throws -> Encoded<Menu> {
    let now = context.time.now
    if let menu = context.warm.menu(request.restaurantId, at: now) { return menu.encoded(at: now) }
    return try await context.menu(request.restaurantId).encoded(at: now)
  }
}
