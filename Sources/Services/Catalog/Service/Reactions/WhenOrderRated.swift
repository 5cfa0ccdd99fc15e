import CatalogAPI
import Messaging
import OrderingAPI
import Persistence
import ServiceKit

/// Counts the stars of a meal among those of its restaurant, and has every node read the restaurant again.
struct WhenOrderRated: Sendable {
  let context: CatalogContext

  var reaction: Reaction {
    .inTransaction("WhenOrderRated", OrderRated.self) { [outbox = context.outbox, warm = context.warm] event, _, transaction in
      guard let rated = try RestaurantStore(transaction).rate(event.restaurantId, stars: event.stars) else { return }
      try outbox.publish(RestaurantUpdated(rated), in: transaction)
      transaction.afterCommit { warm.dropRestaurant(event.restaurantId) }
    }
  }
}
