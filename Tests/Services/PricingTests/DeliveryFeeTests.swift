import CatalogAPI
import Kernel
import PricingAPI
import ServiceKit
import Testing
import Wire

@testable import Pricing

@Suite struct DeliveryFeeTests {
  private typealias Bench = PreviewPriceTests.Bench

  /// A restaurant so far south of the door, in metres.
  private static func terms(_ number: UInt64, _ meters: Double, _ change: (inout RestaurantTerms) -> Void = { _ in }) -> RestaurantTerms {
    var terms = PriceCalculationTests.terms(.eur)
    terms.restaurantId = RestaurantID(high: 8, low: number)
    terms.point = door.offset(northMeters: -meters, eastMeters: 0)
    terms.deliveryRadiusMeters = 5000
    change(&terms)
    return terms
  }

  private static let door = GeoPoint(latitude: 52.52, longitude: 13.405)
  private static let places = [
    terms(1, 1000), terms(2, 4000), terms(3, 5100), terms(4, 100) { $0.acceptsDelivery = false },
    terms(5, 3000) { $0.deliveryFee = DeliveryFeeRule(base: Amount(units: 100), perKilometer: Amount(units: 50), freeKilometers: 1) }
  ]

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func eachRestaurantHasItsFee(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery, terms: Self.places)
    let asked = [2, 1, 9, 3, 4, 5].map { RestaurantID(high: 8, low: $0) }
    let fees = try await bench.switchboard.call(
      QuoteDeliveryFees(restaurantIds: asked, latitude: Self.door.latitude, longitude: Self.door.longitude)
    ).fees
    #expect(fees.map(\.restaurantId.low) == [2, 1, 3, 4, 5])
    #expect(fees.map { $0.fee?.description } == ["3.99", "2.99", nil, nil, "2.00"])
    #expect(fees.map(\.isInRange) == [true, true, false, true, true] && fees.map(\.acceptsDelivery) == [true, true, true, false, true])
    #expect(zip(fees, [4000, 1000, 5100, 100, 3000]).allSatisfy { abs($0.distanceMeters - $1) <= 1 })
  }

  /// What a list says, the order costs.
  @Test func theFeeIsThatOfThePrice() async throws {
    let bench = try await Bench(.direct, terms: Self.places)
    let fees = try await bench.switchboard.call(
      QuoteDeliveryFees(
        restaurantIds: Self.places.map(\.restaurantId), latitude: Self.door.latitude, longitude: Self.door.longitude)
    ).fees
    for (terms, quote) in zip(Self.places, fees) where terms.acceptsDelivery {
      let order = PriceOrder(terms: terms, items: [], fulfilment: .delivery, deliveryPoint: Self.door)
      #expect((try? await bench.switchboard.callAsSystem(order).deliveryFee) == quote.fee)
    }
  }

  @Test func aListComesInTheQueryToo() throws {
    let ids = [RestaurantID(high: 8, low: 1), RestaurantID(high: 8, low: 2)]
    let bound = try QuoteDeliveryFees.bind(
      RequestParts(query: [("restaurantIds", ids.map(\.description).joined(separator: ",")), ("latitude", "52.5"), ("longitude", "13.4")]))
    #expect(bound == QuoteDeliveryFees(restaurantIds: ids, latitude: 52.5, longitude: 13.4))
    #expect(throws: InvalidInput.self) { try QuoteDeliveryFees.bind(RequestParts(query: [("latitude", "91"), ("longitude", "13.4")])) }
  }
}
