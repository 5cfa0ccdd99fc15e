import CatalogAPI
import Kernel
import PricingAPI
import ServiceKit

/// Quotes and prices what a guest thinks of ordering.
struct PreviewPriceHandler: Sendable {
  let switchboard: Switchboard
  let defaults: PricingDefaults

  func callAsFunction(_ request: PreviewPrice) async throws -> PricePreview {
    let quote: ItemsQuote
    do throws(CallFailure<QuoteItemsRefusal>) {
      quote = try await switchboard.callAsSystem(
        QuoteItems(
          restaurantId: request.restaurantId, items: request.items, fulfilment: request.fulfilment, wantedAt: request.wantedAt,
          checksOpening: false))
    } catch .refused(let refusal) {
      throw PreviewPriceRefusal(code: refusal.code, path: refusal.path, message: refusal.message)
    } catch .invalid(let faults) {
      throw faults
    } catch {
      throw error
    }
    let price: PriceBreakdown
    do {
      price = try PriceCalculation(terms: quote.terms, defaults: defaults).price(
        PriceOrder(
          terms: quote.terms, items: quote.items, fulfilment: request.fulfilment, deliveryPoint: request.deliveryAddress?.point, tip: request.tip))
    } catch let refusal as PriceOrderRefusal {
      throw PreviewPriceRefusal(code: refusal.code, path: refusal.path, message: refusal.message)
    }
    return PricePreview(
      restaurantId: request.restaurantId, currency: quote.terms.currency, items: quote.items, price: price, isOpen: quote.isOpen)
  }
}
