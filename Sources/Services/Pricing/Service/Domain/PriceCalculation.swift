import CatalogAPI
import Kernel
import PricingAPI
import Wire

/// What the platform sets where a restaurant's terms are silent.
struct PricingDefaults: Hashable, Sendable {
  /// As written for a currency of two digits; a yen takes the same number of minor units.
  var deliveryBase: Amount
  var deliveryPerKilometer: Amount
  var freeKilometers: Double
  /// Whether tax rules that do not say so apply to the delivery fee.
  var taxesDeliveryFee: Bool
}

/// The one way from quoted dishes to a total.
///
/// Every amount is exact in minor units: each tax and the fee is rounded once, half to even on the exact rational.
struct PriceCalculation {
  let terms: RestaurantTerms
  let defaults: PricingDefaults

  private var currency: Currency { terms.currency }

  /// - Throws: `PriceOrderRefusal` when the order is too small or goes too far; `InvalidInput` for amounts that are none.
  func price(_ request: PriceOrder) throws -> PriceBreakdown {
    let tip = try money(request.tip, "tip")
    let lines = try request.items.enumerated().map { index, item in
      (price: try money(item.unitPrice, "items[\(index)].unitPrice") * item.quantity, taxClass: item.taxClass)
    }
    let subtotal = lines.reduce(Money.zero(currency)) { $0 + $1.price }
    let minimum = try money(terms.minimumOrder, "terms.minimumOrder")
    if request.fulfilment != .dineIn, subtotal.units < minimum.units {
      throw PriceOrderRefusal(
        reason: .belowMinimum, path: "items", message: "\(terms.name) takes orders from \(minimum), these are \(subtotal)")
    }
    var fee = Money.zero(currency)
    var distance: Int?
    if request.fulfilment == .delivery {
      guard let point = request.deliveryPoint else {
        throw InvalidInput([Fault(path: "deliveryAddress", message: "is required for delivery")])
      }
      let (meters, isInRange) = reach(point)
      guard isInRange else {
        throw PriceOrderRefusal(
          reason: .outOfRange, path: "deliveryAddress.point",
          message: "\(terms.name) delivers up to \(terms.deliveryRadiusMeters) m, this is \(meters) m away")
      }
      distance = meters
      fee = deliveryFee(meters: meters)
    }
    let taxes = taxLines(lines, fee: fee)
    let added = taxes.filter { !$0.isIncluded }.reduce(Money.zero(currency)) { $0 + $1.money }
    let total = subtotal + fee + added + tip
    return PriceBreakdown(
      currency: currency, subtotal: subtotal.amount, deliveryFee: fee.amount, discount: Money.zero(currency).amount,
      tax: taxes.reduce(Money.zero(currency)) { $0 + $1.money }.amount,
      taxLines: taxes.map { TaxLine(name: $0.rule.name, ratePercent: $0.rule.ratePercent, isIncluded: $0.isIncluded, amount: $0.money.amount) },
      tip: tip.amount, total: total.amount, distanceMeters: distance)
  }

  /// No amount of an order is above 10^12 minor units, so that sums stay far from overflow.
  private func money(_ amount: Amount?, _ path: String) throws -> Money {
    guard let amount else { return .zero(currency) }
    guard let money = Money(amount, currency), 0...1_000_000_000_000 ~= money.units else {
      let message = amount.units < 0 ? "must not be negative" : "is not an amount of \(currency)"
      throw PriceOrderRefusal(reason: .amountInvalid, path: path, message: message)
    }
    return money
  }

  /// How far a door is, and whether the restaurant delivers so far.
  private func reach(_ point: GeoPoint) -> (meters: Int, isInRange: Bool) {
    let meters = terms.point.distanceMeters(to: point)
    return (Int(min(meters, 1e9).rounded()), meters <= Double(terms.deliveryRadiusMeters))
  }

  /// The fee of whatever is brought to a door, without an order.
  func quote(to door: GeoPoint) -> DeliveryFeeQuote {
    let (meters, isInRange) = reach(door)
    return DeliveryFeeQuote(
      restaurantId: terms.restaurantId, currency: currency, fee: isInRange && terms.acceptsDelivery ? deliveryFee(meters: meters).amount : nil,
      distanceMeters: meters, isInRange: isInRange, acceptsDelivery: terms.acceptsDelivery)
  }

  /// The fee over a distance: the base, and the metres beyond the free ones by the kilometre's price, at most the maximum.
  func deliveryFee(meters: Int) -> Money {
    let rule = terms.deliveryFee
    let base = rule.flatMap { Money($0.base, currency) } ?? scaled(defaults.deliveryBase)
    let perKilometer = rule.flatMap { Money($0.perKilometer, currency) } ?? scaled(defaults.deliveryPerKilometer)
    let freeMeters = Int(((rule?.freeKilometers ?? defaults.freeKilometers) * 1000).rounded())
    let fee = base + perKilometer.share(max(0, meters - freeMeters), of: 1000)
    guard let maximum = rule?.maximum.flatMap({ Money($0, currency) }), maximum.units < fee.units else { return fee }
    return maximum
  }

  /// A default written for currencies of two digits, such as 2.99, as minor units of this one: 299 JPY, 2.990 KWD.
  private func scaled(_ amount: Amount) -> Money {
    if let money = Money(amount, currency) { return money }
    return Money(units: amount.units, currency)
  }
}
