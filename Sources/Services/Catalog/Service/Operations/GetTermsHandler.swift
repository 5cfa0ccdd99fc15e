import Caching
import CatalogAPI
import Kernel
import ServiceKit

/// Tells the terms of many restaurants: those in memory without SQL, the others each by a look of its own, at the same time.
struct GetTermsHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: GetTerms) async throws -> FoundTerms {
    var found: [RestaurantID: WarmRestaurant] = [:]
    for id in request.restaurantIds { found[id] = context.warm.restaurants.cached(id) }
    let missing = Set(request.restaurantIds).subtracting(found.keys)
    try await withThrowingTaskGroup(of: WarmRestaurant?.self) { group in
      for id in missing {
        group.addTask { do { return try await context.restaurant(id) } catch CatalogRefusal.restaurantUnknown { return nil } }
      }
      for try await restaurant in group { if let restaurant { found[restaurant.record.id] = restaurant } }
    }
    let wanted = request.restaurantIds.compactMap { found[$0] }
    return FoundTerms(terms: wanted.filter { request.withClosed || $0.record.isListed }.map(\.terms))
  }
}
