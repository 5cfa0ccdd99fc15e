import Caching
import CatalogAPI
import ServiceKit

/// Reads one restaurant from memory.
struct GetRestaurantHandler: Sendable {
  let context: CatalogContext

  func ready(_ request: GetRestaurant) -> Encoded<Restaurant>? {
    context.warm.restaurants.cached(request.restaurantId)?.encoded(at: context.time.now)
  }

  func callAsFunction(_ request: GetRestaurant) async throws -> Encoded<Restaurant> {
    try await context.restaurant(request.restaurantId).encoded(at: context.time.now)
  }
}
