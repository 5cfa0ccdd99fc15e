import CatalogAPI
import Kernel
import PricingAPI
import ServiceKit
import TestKit
import Testing
import Wire

@testable import Pricing

@Suite struct PriceCalculationTests {
  static let defaults = PricingDefaults(
    deliveryBase: Amount(units: 299), deliveryPerKilometer: Amount(units: 50), freeKilometers: 2, taxesDeliveryFee: false)

  @Test func anOrderWithTaxAddedOnTop() throws {
    var terms = Self.terms(.usd)
    terms.taxRules = [tax("State", 4000, isIncluded: false), tax("City", 4500, isIncluded: false), tax("Surcharge", 375, isIncluded: false)]
    let price = try price(terms, [item(1299, 2), item(399, 1)], tip: Amount(units: 300))
    #expect(price.subtotal.description == "29.97")
    #expect(price.taxLines.map(\.amount.description) == ["1.20", "1.35", "0.11"])
    #expect(price.tax.description == "2.66")
    #expect(price.total.description == "35.63")
    #expect(price.deliveryFee.description == "0.00")
    #expect(price.distanceMeters == nil)
  }

  @Test func includedTaxIsTakenOutOfThePriceAndNotAdded() throws {
    var terms = Self.terms(.eur)
    terms.taxRules = [tax("VAT food", 7000, isIncluded: true), tax("VAT drinks", 19000, isIncluded: true, taxClass: "drinks")]
    let price = try price(terms, [item(1070, 1), item(595, 2, taxClass: "drinks"), item(107, 1, taxClass: "unheard of")])
    #expect(price.taxLines.map(\.amount.description) == ["0.77", "1.90"])
    #expect(price.tax.description == "2.67")
    #expect(price.total == price.subtotal)
  }

  @Test(arguments: [("JPY", 1005, "1005", "80", "1085"), ("KWD", 1005, "1.005", "0.080", "1.085"), ("USD", 1005, "10.05", "0.80", "10.85")])
  func currenciesKeepTheirDigits(_ code: String, _ units: Int, _ subtotal: String, _ tax: String, _ total: String) throws {
    var terms = Self.terms(Currency(code: code)!)
    terms.taxRules = [self.tax("Tax", 8000, isIncluded: false)]
    let price = try price(terms, [item(units, 1, currency: terms.currency)])
    #expect([price.subtotal, price.tax, price.total].map(\.description) == [subtotal, tax, total])
  }

  @Test(arguments: [(0, 200), (2000, 200), (2001, 200), (2010, 200), (2030, 202), (3000, 250), (6000, 400), (9000, 450)])
  func theFeeFollowsTheRuleOfTheRestaurant(_ meters: Int, _ units: Int) {
    var terms = Self.terms(.usd)
    terms.deliveryFee = DeliveryFeeRule(base: Amount(units: 200), perKilometer: Amount(units: 50), freeKilometers: 2, maximum: Amount(units: 450))
    #expect(PriceCalculation(terms: terms, defaults: Self.defaults).deliveryFee(meters: meters).units == units)
  }

  @Test(arguments: [("USD", 349), ("JPY", 349), ("KWD", 3490)])
  func withoutARuleThePlatformsDefaultHolds(_ code: String, _ units: Int) {
    let calculation = PriceCalculation(terms: Self.terms(Currency(code: code)!), defaults: Self.defaults)
    #expect(calculation.deliveryFee(meters: 3000).units == units)
  }

  @Test func theFeeIsTaxedWhereARuleOrThePlatformSaysSo() throws {
    var terms = Self.terms(.usd)
    terms.deliveryFee = DeliveryFeeRule(base: Amount(units: 1000), perKilometer: Amount(units: 0))
    for (applies, byDefault, expected) in [(nil, false, 100), (nil, true, 200), (true, false, 200), (false, true, 100)] as [(Bool?, Bool, Int)] {
      terms.taxRules = [TaxRule(name: "Tax", ratePercent: Amount(units: 10, scale: 0), isIncluded: false, appliesToDelivery: applies)]
      var defaults = Self.defaults
      defaults.taxesDeliveryFee = byDefault
      let request = PriceOrder(terms: terms, items: [item(1000, 1)], fulfilment: .delivery, deliveryPoint: terms.point)
      #expect(try PriceCalculation(terms: terms, defaults: defaults).price(request).tax == Amount(units: expected))
    }
  }

  @Test func whatIsTooFarTooSmallOrNoAmountIsRefused() throws {
    var terms = Self.terms(.usd)
    terms.minimumOrder = Amount(units: 1000)
    terms.deliveryRadiusMeters = 3000
    func refusal(_ request: PriceOrder) -> (String, String?) {
      do { _ = try PriceCalculation(terms: terms, defaults: Self.defaults).price(request) } catch let refusal as PriceOrderRefusal {
        return (refusal.code, refusal.path)
      } catch let faults as InvalidInput { return ("invalid", faults.all.first?.path) } catch { return ("\(error)", nil) }
      return ("ok", nil)
    }
    let near = terms.point.offset(northMeters: 2990, eastMeters: 0)
    let far = terms.point.offset(northMeters: 3010, eastMeters: 0)
    #expect(refusal(PriceOrder(terms: terms, items: [item(1000, 1)], fulfilment: .delivery, deliveryPoint: near)) == ("ok", nil))
    #expect(
      refusal(PriceOrder(terms: terms, items: [item(1000, 1)], fulfilment: .delivery, deliveryPoint: far)) == (
        "out_of_range", "deliveryAddress.point"
      ))
    #expect(refusal(PriceOrder(terms: terms, items: [item(1000, 1)], fulfilment: .delivery)) == ("invalid", "deliveryAddress"))
    #expect(refusal(PriceOrder(terms: terms, items: [item(999, 1)], fulfilment: .pickup)) == ("below_minimum", "items"))
    #expect(refusal(PriceOrder(terms: terms, items: [item(999, 1)], fulfilment: .dineIn)) == ("ok", nil))
    for tip in [Amount(units: -1), Amount(units: 1, scale: 3), Amount(units: 999_999_999_999_999_999, scale: 0)] {
      #expect(refusal(PriceOrder(terms: terms, items: [item(1000, 1)], fulfilment: .pickup, tip: tip)) == ("amount_invalid", "tip"))
    }
  }

  /// Random baskets under random rules: the lines add up to the total to the last unit, whatever the currency.
  @Test(arguments: ["JPY", "USD", "KWD"])
  func linesAddUpToTheTotal(_ code: String) throws {
    let currency = Currency(code: code)!
    var generator = SeededGenerator(UInt64(code.utf8.first!))
    for _ in 0..<1000 {
      func any(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
      var terms = Self.terms(currency)
      let classes = [nil, "food", "drinks", "other"]
      terms.taxRules = (0..<any(0...4)).map { number in
        TaxRule(
          name: "T\(number)", ratePercent: Amount(units: any(0...300_000), scale: 4), isIncluded: any(0...1) == 0, taxClass: classes[any(0...2)],
          appliesToDelivery: [nil, true, false][any(0...2)])
      }
      terms.deliveryFee = DeliveryFeeRule(
        base: Amount(units: any(0...900), scale: currency.exponent), perKilometer: Amount(units: any(0...300), scale: currency.exponent),
        freeKilometers: Double(any(0...30)) / 10)
      let items = (0..<any(1...8)).map { _ in item(any(0...500_000), any(1...99), taxClass: classes[any(0...3)], currency: currency) }
      let door = terms.point.offset(northMeters: Double(any(-5000...5000)), eastMeters: Double(any(-5000...5000)))
      let tip = any(0...1) == 0 ? nil : Amount(units: any(0...5000), scale: currency.exponent)
      let fulfilment: Fulfilment = any(0...1) == 0 ? .delivery : .pickup
      let price = try PriceCalculation(terms: terms, defaults: Self.defaults).price(
        PriceOrder(terms: terms, items: items, fulfilment: fulfilment, deliveryPoint: fulfilment == .delivery ? door : nil, tip: tip))
      func units(_ amount: Amount) throws -> Int {
        #expect(amount.scale == currency.exponent)
        return try #require(Money(amount, currency)).units
      }
      let subtotal = items.reduce(0) { $0 + $1.unitPrice.units * $1.quantity }
      #expect(try units(price.subtotal) == subtotal)
      let taxes = try price.taxLines.map { (isIncluded: $0.isIncluded, units: try units($0.amount)) }
      #expect(try units(price.tax) == taxes.reduce(0) { $0 + $1.units })
      let added = taxes.filter { !$0.isIncluded }.reduce(0) { $0 + $1.units }
      let fee = try units(price.deliveryFee)
      #expect(try units(price.total) == subtotal + fee - units(price.discount) + added + units(price.tip))
      // What is contained can never be more than what contains it.
      #expect(taxes.filter(\.isIncluded).reduce(0) { $0 + $1.units } <= subtotal + fee)
      try expectNothingIsLeft(of: price, &generator)
    }
  }

  /// The sale, and refunds of its parts in any steps that end with the whole, come to nothing.
  private func expectNothingIsLeft(of price: PriceBreakdown, _ generator: inout SeededGenerator) throws {
    let added = price.taxLines.filter { !$0.isIncluded }.map(\.amount)
    var left = try ([price.subtotal, price.deliveryFee, price.tip] + added).map { try #require(Money($0, price.currency)) }
    let total = try #require(Money(price.total, price.currency))
    var given = Money.zero(price.currency)
    for step in 0..<3 {
      let rest = total - given
      let percent = step == 2 ? 100 : Int.random(in: 0...100, using: &generator)
      let refund = refundShare(of: rest, percent: Amount(units: percent, scale: 0))
      let parts = refundShare(refund, over: left)
      left = zip(left, parts).map { $0 - $1 }
      #expect(left.allSatisfy { !$0.isNegative })
      given += refund
    }
    #expect(given == total)
    #expect(left.allSatisfy { $0.units == 0 })
  }

  // MARK: Made things

  static func terms(_ currency: Currency) -> RestaurantTerms {
    RestaurantTerms(
      restaurantId: RestaurantID(high: 1, low: 1), tenantId: TenantID(high: 1, low: 2), name: "Da Mario", currency: currency,
      timeZone: "Europe/Berlin", address: "1 Main Street", point: GeoPoint(latitude: 52.5, longitude: 13.4), preparationMinutes: 15,
      minimumOrder: Amount(units: 0), acceptsDelivery: true, acceptsPickup: true, deliveryRadiusMeters: 20_000)
  }

  private func tax(_ name: String, _ thousandths: Int, isIncluded: Bool, taxClass: String? = nil) -> TaxRule {
    TaxRule(name: name, ratePercent: Amount(units: thousandths, scale: 3), isIncluded: isIncluded, taxClass: taxClass)
  }

  private func item(_ units: Int, _ quantity: Int, taxClass: String? = nil, currency: Currency = .usd) -> QuotedItem {
    QuotedItem(
      menuItemId: MenuItemID(high: 2, low: UInt64(units)), name: "Dish", quantity: quantity,
      unitPrice: Amount(units: units, scale: currency.exponent), taxClass: taxClass)
  }

  private func price(_ terms: RestaurantTerms, _ items: [QuotedItem], tip: Amount? = nil) throws -> PriceBreakdown {
    try PriceCalculation(terms: terms, defaults: Self.defaults).price(PriceOrder(terms: terms, items: items, fulfilment: .pickup, tip: tip))
  }
}
