import CatalogAPI
import ServiceKit

/// Reads one restaurant from memory.
struct GetRestaurantHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: GetRestaurant) async throws -> Encoded<Restaurant> {
    try await context.restaurant(request.restaurantId).encoded(at: context.time.now)
  }
}
