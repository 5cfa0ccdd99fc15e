public import Hosting
import Kernel
import PricingAPI
public import ServiceKit
import Settings

/// What an order costs: one calculation for the preview, the order and the receipt.
public struct PricingModule: ServiceModule {
  public static let name = "pricing"
  public static let calls = ["catalog"]
  public static let routes = pricingRoutes

  private let switchboard: Switchboard
  private let defaults: PricingDefaults

  public init(_ host: Host) throws {
    let settings = host.settings
    func hundredths(_ name: String, default fallback: Int, _ summary: String) throws -> Amount {
      Amount(units: try settings.integer(name, default: fallback, within: 0...100_000, summary), scale: 2)
    }
    switchboard = host.switchboard
    defaults = PricingDefaults(
      deliveryBase: try hundredths("pricing.deliveryBaseHundredths", default: 299, "delivery fee where a restaurant sets none, in hundredths"),
      deliveryPerKilometer: try hundredths(
        "pricing.deliveryPerKilometerHundredths", default: 50, "added for each kilometre beyond the free ones, in hundredths"),
      freeKilometers: try settings.number("pricing.deliveryFreeKilometers", default: 2, within: 0...100, "how far the delivery base reaches"),
      taxesDeliveryFee: try settings.boolean(
        "pricing.taxesDeliveryFee", default: false, "whether taxes apply to the delivery fee where a rule does not say"))
  }

  public var operations: [any HostedOperation] {
    [
      Hosted(PriceOrder.self, PriceOrderHandler(defaults: defaults).callAsFunction),
      Hosted(PreviewPrice.self, PreviewPriceHandler(switchboard: switchboard, defaults: defaults).callAsFunction),
      Hosted(QuoteDeliveryFees.self, QuoteDeliveryFeesHandler(switchboard: switchboard, defaults: defaults).callAsFunction)
    ]
  }
}
