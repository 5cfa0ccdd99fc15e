import CatalogAPI
import Kernel
import PricingAPI
import ServiceKit

/// Quotes the delivery fees of many restaurants: one question to the catalogue, and one sum for each.
struct QuoteDeliveryFeesHandler: Sendable {
  let switchboard: Switchboard
  let defaults: PricingDefaults

  func callAsFunction(_ request: QuoteDeliveryFees) async throws -> DeliveryFees {
    let door = GeoPoint(latitude: request.latitude, longitude: request.longitude)
    let found = try await switchboard.callAsSystem(GetTerms(restaurantIds: request.restaurantIds))
    return DeliveryFees(fees: found.terms.map { PriceCalculation(terms: $0, defaults: defaults).quote(to: door) })
  }
}
