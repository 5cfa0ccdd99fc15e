import CatalogAPI
import Kernel
import ServiceKit
import Testing
import Wire

@testable import Catalog

@Suite struct RestaurantTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func aRestaurantReadsAsItWasMade(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (tenant, owner) = try await bench.found()
    var request = CatalogBench.request()
    request.taxRules = [TaxRule(name: "Sales tax", ratePercent: Amount(units: 8875, scale: 3), isIncluded: false)]
    request.deliveryFee = DeliveryFeeRule(base: Amount(units: 2, scale: 0), perKilometer: Amount(units: 5, scale: 1))
    request.closures = [ClosurePeriod(firstDay: LocalDate(2026, 12, 25), lastDay: LocalDate(2026, 12, 26), reason: "Christmas")]
    let made = try await bench.ask(request, as: owner)
    #expect(made.tenantId == tenant.id)
    #expect(made.cuisineTypes == ["italian", "pizza"])
    #expect(made.isOpen)
    let read = try await bench.ask(GetRestaurant(restaurantId: made.id), as: .anonymous).value()
    #expect(read == made)
    #expect(try await bench.ask(ListMyRestaurants(), as: owner).items.map(\.id) == [made.id])
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func changesCountUpAndStaleOnesAreRefused(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (_, owner) = try await bench.found()
    let made = try await bench.ask(CatalogBench.request(), as: owner)
    _ = try await bench.ask(GetRestaurant(restaurantId: made.id), as: .anonymous)
    let changed = try await bench.ask(
      UpdateRestaurant(restaurantId: made.id, version: 1, name: "Da Luigi", description: "New", priceLevel: 3), as: owner)
    #expect(changed.version == 2)
    // The writer, and everybody else on this node, reads the change at once.
    #expect(try await bench.ask(GetRestaurant(restaurantId: made.id), as: .anonymous).value().name == "Da Luigi")
    #expect(await bench.outcome(UpdateRestaurant(restaurantId: made.id, version: 1, name: "Late"), as: owner) == "stale")
    let emptied = try await bench.ask(UpdateRestaurant(restaurantId: made.id, description: ""), as: owner)
    #expect(emptied.description == nil)
    #expect(emptied.name == "Da Luigi")
    #expect(try await bench.events() == ["tenant.created", "restaurant.updated", "restaurant.updated", "restaurant.updated"])
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func aDeliveryFeeOfOnesOwnCanBeGivenUp(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (_, owner) = try await bench.found()
    let made = try await bench.ask(CatalogBench.request(), as: owner)
    let own = DeliveryFeeRule(base: Amount(units: 2, scale: 0), perKilometer: Amount(units: 5, scale: 1))
    func change(_ fee: DeliveryFeeRule? = nil, _ hasOwn: Bool? = nil) -> UpdateRestaurant {
      UpdateRestaurant(restaurantId: made.id, deliveryFee: fee, hasOwnDeliveryFee: hasOwn)
    }
    func fee() async throws -> DeliveryFeeRule? { try await bench.ask(GetTerms(restaurantIds: [made.id]), as: .system).terms[0].deliveryFee }
    #expect(await bench.outcome(change(nil, true), as: owner) == "deliveryFee")
    #expect(try await bench.ask(change(own, true), as: owner).deliveryFee == own)
    #expect(try await bench.ask(change(), as: owner).deliveryFee == own)
    #expect(try await bench.ask(change(nil, true), as: owner).deliveryFee == own)
    #expect(try await fee() == own)
    #expect(try await bench.ask(change(nil, false), as: owner).deliveryFee == nil)
    #expect(try await fee() == nil)
    #expect(try await bench.ask(GetRestaurant(restaurantId: made.id), as: .anonymous).value().deliveryFee == nil)
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func theTagOfAReadBeginsWithTheVersion(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (_, owner) = try await bench.found()
    let made = try await bench.ask(CatalogBench.request(), as: owner)
    func tag() async throws -> String { try await bench.ask(GetRestaurant(restaurantId: made.id), as: .anonymous).tag }
    let first = try await tag()
    #expect(first.hasPrefix("1."))
    _ = try await bench.ask(UpdateRestaurant(restaurantId: made.id, priceLevel: 4), as: owner)
    #expect(try await tag().hasPrefix("2."))
    let bound = try UpdateRestaurant.bind(
      RequestParts(path: [("restaurantId", made.id.description)], headers: [("version", String(first.prefix { $0 != "." }))]))
    #expect(bound.version == 1)
    #expect(await bench.outcome(bound, as: owner) == "stale")
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func theKitchenSetsItsPaceAndNothingElse(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (tenant, owner) = try await bench.found()
    let made = try await bench.ask(CatalogBench.request(), as: owner)
    let kitchen = bench.staff(.waiter, of: tenant.id)
    func pace(_ change: (inout SetRestaurantPace) -> Void) async throws -> Restaurant {
      var request = SetRestaurantPace(restaurantId: made.id)
      change(&request)
      return try await bench.ask(request, as: kitchen)
    }
    func read() async throws -> Restaurant { try await bench.ask(GetRestaurant(restaurantId: made.id), as: .anonymous).value() }
    #expect(try await read().isOpen)
    #expect(try await pace { $0.preparationMinutes = 55 }.preparationMinutes == 55)
    let until = bench.time.now + .seconds(900)
    let paused = try await pace { $0.pausedUntil = until }
    #expect(!paused.isOpen && paused.pausedUntil == until && paused.preparationMinutes == 55)
    #expect(try await !read().isOpen)
    var expected = made
    (expected.version, expected.preparationMinutes, expected.updatedAt) = (4, 55, bench.time.now)
    let back = try await pace { $0.isPaused = false }
    #expect(back == expected)
    #expect(try await read() == back)
    #expect(try await bench.events() == ["tenant.created"] + Array(repeating: "restaurant.updated", count: 4))
    for (request, outcome) in [
      (SetRestaurantPace(restaurantId: made.id, version: 3, preparationMinutes: 5), "stale"),
      (SetRestaurantPace(restaurantId: made.id, isPaused: true), "pausedUntil"),
      (SetRestaurantPace(restaurantId: bench.ids.next(), isPaused: false), "restaurant_unknown")
    ] { #expect(await bench.outcome(request, as: kitchen) == outcome) }
  }

  @Test func everyFaultIsNamedAndNothingChanges() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    var request = CatalogBench.request("  ")
    request.timeZone = "Mars/Base"
    request.minimumOrder = Amount(units: 1234, scale: 3)
    request.openingHours.tuesday = [interval("09:00-12:00"), interval("11:00-13:00")]
    request.closures = [ClosurePeriod(firstDay: LocalDate(2026, 1, 1))]
    request.taxRules = [TaxRule(name: "T", ratePercent: Amount(units: 101, scale: 0), isIncluded: true)]
    request.deliveryFee = DeliveryFeeRule(base: Amount(units: -1, scale: 0), perKilometer: Amount(units: 999_999_999_999, scale: 0))
    request.cuisineTypes = ["pizza", "Pizza"]
    let outcome = await bench.outcome(request, as: owner)
    #expect(
      outcome
        == "name timeZone cuisineTypes minimumOrder openingHours.tuesday[1] closures[0] taxRules[0].ratePercent deliveryFee.base deliveryFee.perKilometer"
    )
    #expect(try await bench.count("catalog_restaurants") == 0)
    let made = try await bench.ask(CatalogBench.request(), as: owner)
    #expect(
      await bench.outcome(UpdateRestaurant(restaurantId: made.id, currency: .eur, minimumOrder: Amount(units: -1)), as: owner)
        == "currency minimumOrder")
    #expect(await bench.outcome(UpdateRestaurant(restaurantId: bench.ids.next(), name: "x"), as: owner) == "restaurant_unknown")
    #expect(try await bench.ask(GetRestaurant(restaurantId: made.id), as: .anonymous).value().version == 1)
    #expect(await bench.outcome(CatalogBench.request(), as: bench.admin) == "tenantId")
  }

  @Test func theShapeOfABodyIsChecked() {
    let body = """
      {"name":"","address":"x","point":{"latitude":91,"longitude":"west"},"timeZone":"UTC","currency":"EURO","openingHours":\
      {"monday":[{"opens":"9","closes":"10:00"}]},"preparationMinutes":-5,"priceLevel":9}
      """
    let expected: Set = [
      "name", "point.latitude", "point.longitude", "currency", "openingHours.monday[0].opens", "preparationMinutes", "priceLevel"
    ]
    do {
      _ = try decode(CreateRestaurant.self, from: Array(body.utf8))
      Issue.record("it was read")
    } catch { #expect(Set(error.all.map(\.path)) == expected) }
  }

  @Test func theStateInTheBytesTurnsWithTheHours() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    var request = CatalogBench.request()
    request.timeZone = "Europe/Berlin"
    // It is 12:00 in Berlin; the restaurant is kept for five minutes, but closes in two.
    request.openingHours = .daily([interval("09:00-12:02"), interval("12:04-14:00")])
    let made = try await bench.ask(request, as: owner)
    #expect(made.closesAt == instant("2026-06-01T10:02:00Z"))
    func isOpen() async throws -> Bool { try await bench.ask(GetRestaurant(restaurantId: made.id), as: .anonymous).value().isOpen }
    func isListed() async throws -> Bool {
      !(try await bench.ask(ListRestaurants(openNow: true), as: .anonymous).value().items.isEmpty)
    }
    #expect(try await isOpen())
    #expect(try await isListed())
    await bench.time.advance(by: .seconds(119))
    #expect(try await isOpen())
    await bench.time.advance(by: .seconds(1))
    #expect(try await !isOpen())
    #expect(try await !isListed())
    await bench.time.advance(by: .seconds(120))
    #expect(try await isOpen())
    #expect(try await isListed())
    let paused = try await bench.ask(UpdateRestaurant(restaurantId: made.id, pausedUntil: bench.time.now + .seconds(60)), as: owner)
    #expect(!paused.isOpen)
    #expect(try await !isOpen())
    #expect(try await bench.ask(UpdateRestaurant(restaurantId: made.id, isPaused: false), as: owner).isOpen)
    #expect(try await isListed())
  }

  @Test func hotReadsAreTheSameBytesUntilSomethingChanges() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    let first = try await bench.ask(GetRestaurant(restaurantId: place.restaurant.id), as: .anonymous)
    let menu = try await bench.ask(GetMenu(restaurantId: place.restaurant.id), as: .anonymous)
    // Another hand changes the rows: what is warm does not look.
    try await bench.database.write { try $0.run("UPDATE catalog_items SET name = 'Hacked'") }
    #expect(try await bench.ask(GetRestaurant(restaurantId: place.restaurant.id), as: .anonymous).tag == first.tag)
    #expect(try await bench.ask(GetMenu(restaurantId: place.restaurant.id), as: .anonymous).tag == menu.tag)
    // Another node tells that it changed.
    let event = MenuUpdated(restaurantId: place.restaurant.id, tenantId: place.restaurant.tenantId)
    try hear(event, bench)
    #expect(try await bench.ask(GetMenu(restaurantId: place.restaurant.id), as: .anonymous).value().categories[0].items[0].name == "Hacked")
  }

  private func hear<E: Event>(_ event: E, _ bench: CatalogBench) throws {
    let envelope = Envelope(
      id: bench.ids.next(), name: E.name, version: 1, topic: E.topic, time: bench.time.now, tenant: event.tenant, aggregate: event.aggregate,
      sequence: 1, payload: RawJSON(event))
    for reaction in bench.module.reactions where reaction.events.contains(E.name) {
      if case .onEveryNode(let body) = reaction.kind { try body(envelope) }
    }
  }
}
