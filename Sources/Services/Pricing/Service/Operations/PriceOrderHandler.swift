import Kernel
import PricingAPI
import ServiceKit

/// Prices quoted dishes.
struct PriceOrderHandler: Sendable {
  let defaults: PricingDefaults

  func callAsFunction(_ request: PriceOrder) async throws -> PriceBreakdown {
    try PriceCalculation(terms: request.terms, defaults: defaults).price(request)
  }
}
