import CatalogAPI
import Kernel
import ServiceKit
import Wire

/// Quotes dishes from memory: on the way of every order, without SQL when warm.
struct QuoteItemsHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: QuoteItems) async throws -> ItemsQuote {
    let restaurant: WarmRestaurant
    let menu: WarmMenu
    do {
      restaurant = try await context.restaurant(request.restaurantId)
      menu = try await context.menu(request.restaurantId)
    } catch CatalogRefusal.restaurantUnknown {
      throw QuoteItemsRefusal(reason: .restaurantUnknown, path: "restaurantId", message: "There is no such restaurant.")
    }
    return try Quote(restaurant: restaurant.record, schedule: restaurant.schedule, terms: restaurant.terms, item: menu.item)
      .answer(request, at: context.time.now, isOpenNow: restaurant.state(at: context.time.now).isOpen)
  }
}
