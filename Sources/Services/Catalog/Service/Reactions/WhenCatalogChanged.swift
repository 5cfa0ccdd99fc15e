import CatalogAPI
import Messaging
import ServiceKit

/// Forgets, on every node that answers for the catalogue, what another node changed.
func whenCatalogChanged(_ warm: WarmCatalog) -> [Reaction] {
  [
    .onEveryNode("WhenRestaurantUpdated", RestaurantUpdated.self) { event, _ in warm.forgetRestaurant(event.restaurantId) },
    .onEveryNode("WhenMenuUpdated", MenuUpdated.self) { event, _ in warm.forgetMenu(event.restaurantId) }
  ]
}
