import CatalogAPI
import Hosting
import Kernel
import Messaging
import PersistenceSQLite
import PricingAPI
import Realtime
import Sagas
import ServiceKit
import Settings
import TestKit
import Testing
import Wire

@testable import Pricing

@Suite struct PreviewPriceTests {
  /// Pricing with a catalogue played by the test.
  struct Bench {
    let switchboard: Switchboard
    let module: PricingModule

    init(
      _ delivery: Switchboard.LocalDelivery, settings: [String: String] = [:], terms: [RestaurantTerms] = [],
      catalog: @escaping @Sendable (QuoteItems) async throws -> ItemsQuote = { PreviewPriceTests.quote($0) }
    ) async throws {
      let time = ManualTime()
      let database = try await temporaryDatabase()
      switchboard = Switchboard(delivery: delivery)
      module = try PricingModule(
        Host(
          database: database, switchboard: switchboard,
          outbox: Outbox(service: "pricing", time: time.source, ids: time.ids(), committed: { _, _ in }),
          sagas: SagaRunner(service: "pricing", database: database, time: time.source), channels: Channels(epoch: "test", time: time.source),
          time: time.source, ids: time.ids(), settings: SettingsSource(file: settings)))
      switchboard.host(module.operations)
      switchboard.host([
        Hosted(QuoteItems.self, catalog),
        Hosted(GetTerms.self) { request in
          FoundTerms(terms: request.restaurantIds.compactMap { id in terms.first { $0.restaurantId == id } })
        }
      ])
    }
  }

  static let terms = PriceCalculationTests.terms(.eur)
  private static let request = PreviewPrice(
    restaurantId: terms.restaurantId, items: [WantedItem(menuItemId: MenuItemID(high: 2, low: 3), quantity: 2)], fulfilment: .delivery,
    deliveryAddress: PreviewAddress(point: terms.point), tip: Amount(units: 1, scale: 0))

  static func quote(_ request: QuoteItems) -> ItemsQuote {
    #expect(!request.checksOpening)
    return ItemsQuote(
      terms: terms,
      items: request.items.map { QuotedItem(menuItemId: $0.menuItemId, name: "Soup", quantity: $0.quantity, unitPrice: Amount(units: 450)) },
      isOpen: false)
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func aClosedRestaurantIsPricedAllTheSame(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery) { Self.quote($0) }
    let preview = try await bench.switchboard.call(Self.request)
    #expect(!preview.isOpen)
    #expect(preview.items.map(\.name) == ["Soup"])
    #expect(preview.price.total.description == "12.99")
    #expect(preview.price.distanceMeters == 0)
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func refusalsKeepTheirCodeAndPath(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery) { request in
      if request.items[0].quantity == 9 { throw QuoteItemsRefusal(reason: .restaurantUnknown, path: "restaurantId", message: "none") }
      if request.items[0].quantity == 8 { throw QuoteItemsRefusal(reason: .itemUnknown, path: "items[0].menuItemId", message: "none") }
      if request.items[0].quantity == 7 { throw InvalidInput([Fault(path: "wantedAt", message: "must be within 30 days")]) }
      return Self.quote(request)
    }
    func outcome(_ change: (inout PreviewPrice) -> Void) async -> [String] {
      var request = Self.request
      change(&request)
      do { _ = try await bench.switchboard.call(request) } catch {
        switch error {
        case .refused(let refusal): return [refusal.code, refusal.path ?? "", "\(refusal.kind)"]
        case .invalid(let faults): return faults.all.map(\.path)
        default: return ["\(error)"]
        }
      }
      return ["ok"]
    }
    #expect(await outcome { $0.items[0].quantity = 9 } == ["restaurant_unknown", "restaurantId", "hidden"])
    #expect(await outcome { $0.items[0].quantity = 8 } == ["item_unknown", "items[0].menuItemId", "ruled"])
    #expect(await outcome { $0.items[0].quantity = 7 } == ["wantedAt"])
    #expect(await outcome { $0.deliveryAddress = nil } == ["deliveryAddress"])
    #expect(await outcome { $0.tip = Amount(units: -1) } == ["amount_invalid", "tip", "ruled"])
    #expect(await outcome { $0.deliveryAddress?.point.latitude = 0 } == ["out_of_range", "deliveryAddress.point", "ruled"])
  }

  @Test func everyCallerGetsItsAnswer() async throws {
    let bench = try await Bench(.direct) { Self.quote($0) }
    let customer = Caller(user: UserID(high: 1, low: 1), roles: [.customer])
    let admin = Caller(user: UserID(high: 1, low: 2), roles: [.admin])
    let order = PriceOrder(terms: Self.terms, items: [], fulfilment: .pickup)
    for caller in [Caller.anonymous, customer, admin] {
      try await Caller.$current.withValue(caller) {
        _ = try await bench.switchboard.call(Self.request)
        await #expect(throws: (any Error).self) { try await bench.switchboard.call(order) }
      }
    }
    #expect(try await bench.switchboard.callAsSystem(order).total == Amount(units: 0))
    #expect(Set(bench.module.operations.map(\.address)) == [PreviewPrice.address, PriceOrder.address, QuoteDeliveryFees.address])
    _ = RouteTable(PricingModule.routes)
  }

  @Test func settingsThatAreWrongAreNamed() async throws {
    await #expect(throws: SettingsFault.self) {
      try await Bench(.direct, settings: ["pricing.deliveryBaseHundredths": "-1"]) { Self.quote($0) }
    }
    let bench = try await Bench(.direct, settings: ["pricing.deliveryBaseHundredths": "100"]) { Self.quote($0) }
    #expect(try await bench.switchboard.call(Self.request).price.deliveryFee.description == "1.00")
  }
}
