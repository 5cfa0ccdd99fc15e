import CatalogAPI
import Kernel
import ServiceKit
import Testing
import Wire

@testable import Catalog

@Suite struct QuoteItemsTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func dishesAreCapturedWithTheirOptions(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (_, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    let quote = try await bench.ask(
      QuoteItems(
        restaurantId: place.restaurant.id,
        items: [
          WantedItem(
            menuItemId: place.item.id, quantity: 2, optionIds: [place.toppings[1].id, place.sizes[1].id, place.toppings[0].id],
            specialInstructions: "crisp")
        ], fulfilment: .delivery), as: .system)
    #expect(quote.isOpen)
    #expect(quote.terms.currency == .usd)
    let item = try #require(quote.items.first)
    #expect(item.unitPrice.description == "13.25")
    #expect(item.quantity == 2)
    #expect(item.specialInstructions == "crisp")
    #expect(item.options.map(\.name) == ["Large", "Basil", "Olives"])
  }

  @Test func whatCannotBeHadIsNamedWithItsPath() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner) { $0.acceptsPickup = false }
    let other = try await bench.restaurant(of: owner)
    let small = place.sizes[0].id
    let out = try await bench.ask(
      CreateMenuItem(restaurantId: place.restaurant.id, categoryId: place.category.id, name: "Out", price: Amount(units: 1), isAvailable: false),
      as: owner)
    func refusal(_ items: [WantedItem], _ fulfilment: Fulfilment = .delivery, wantedAt: Instant? = nil) async -> (String, String?) {
      do {
        _ = try await bench.ask(QuoteItems(restaurantId: place.restaurant.id, items: items, fulfilment: fulfilment, wantedAt: wantedAt), as: .system)
        return ("ok", nil)
      } catch CallFailure<QuoteItemsRefusal>.refused(let refusal) { return (refusal.code, refusal.path) } catch { return ("\(error)", nil) }
    }
    let good = WantedItem(menuItemId: place.item.id, quantity: 1, optionIds: [small])
    func with(_ ids: [OptionID]) -> [WantedItem] { [good, WantedItem(menuItemId: place.item.id, quantity: 1, optionIds: ids)] }
    #expect(await refusal([good]) == ("ok", nil))
    #expect(await refusal([good, WantedItem(menuItemId: bench.ids.next(), quantity: 1)]) == ("item_unknown", "items[1].menuItemId"))
    #expect(await refusal([WantedItem(menuItemId: other.item.id, quantity: 1)]) == ("item_unknown", "items[0].menuItemId"))
    #expect(await refusal([WantedItem(menuItemId: out.id, quantity: 1)]) == ("item_unavailable", "items[0].menuItemId"))
    #expect(await refusal(with([])) == ("option_invalid", "items[1].optionIds"))
    #expect(await refusal(with(place.sizes.map(\.id))) == ("option_invalid", "items[1].optionIds"))
    #expect(await refusal(with([small, place.toppings[2].id])) == ("option_invalid", "items[1].optionIds"))
    #expect(
      await refusal(with([small, place.toppings[0].id, place.toppings[1].id, place.toppings[3].id])) == ("option_invalid", "items[1].optionIds"))
    #expect(await refusal(with([small, other.toppings[0].id])) == ("option_invalid", "items[1].optionIds[1]"))
    #expect(await refusal(with([small, place.toppings[0].id, place.toppings[0].id])) == ("option_invalid", "items[1].optionIds[2]"))
    #expect(await refusal([good], .pickup) == ("fulfilment_not_offered", "fulfilment"))
  }

  @Test func hoursPausesAndClosuresAreCheckedForTheWantedTime() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner) {
      $0.timeZone = "Europe/Berlin"
      $0.openingHours = .daily([interval("18:00-02:00")])
      $0.closures = [ClosurePeriod(firstDay: LocalDate(2026, 6, 3), lastDay: LocalDate(2026, 6, 3))]
    }
    let restaurant = place.restaurant.id
    func ask(_ at: String?, checks: Bool = true) async -> String {
      await bench.outcome(
        QuoteItems(restaurantId: restaurant, items: [], fulfilment: .delivery, wantedAt: at.map(instant), checksOpening: checks), as: .system)
    }
    // It is noon in Berlin.
    #expect(await ask(nil) == "restaurant_closed")
    #expect(await ask(nil, checks: false) == "ok")
    #expect(await ask("2026-06-01T16:00:00Z") == "ok")
    #expect(await ask("2026-06-01T23:59:00Z") == "ok")
    #expect(await ask("2026-06-02T00:00:00Z") == "restaurant_closed")
    #expect(await ask("2026-06-03T17:00:00Z") == "restaurant_closed")
    #expect(await ask("2026-06-02T23:00:00Z") == "restaurant_closed", "01:00 of the closed day")
    #expect(await ask("2020-01-01T00:00:00Z") == "restaurant_closed", "the past is now")
    #expect(await ask("2026-08-01T17:00:00Z") == "wantedAt")
    await bench.time.advance(by: .seconds(6 * 3600))
    #expect(await ask(nil) == "ok")
    _ = try await bench.ask(UpdateRestaurant(restaurantId: restaurant, pausedUntil: bench.time.now + .seconds(1800)), as: owner)
    #expect(await ask(nil) == "restaurant_paused")
    #expect(await ask("2026-06-01T16:30:00Z") == "ok")
    await bench.time.advance(by: .seconds(1800))
    #expect(await ask(nil) == "ok")
    #expect(await bench.outcome(QuoteItems(restaurantId: bench.ids.next(), items: [], fulfilment: .delivery), as: .system) == "restaurant_unknown")
  }

  @Test func aWarmQuoteAsksNoDatabase() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    let query = QuoteItems(
      restaurantId: place.restaurant.id, items: [WantedItem(menuItemId: place.item.id, quantity: 1, optionIds: [place.sizes[0].id])],
      fulfilment: .pickup)
    let before = try await bench.ask(query, as: .system)
    try await bench.database.write { transaction in
      try transaction.run("DELETE FROM catalog_items")
      try transaction.run("DELETE FROM catalog_restaurants")
    }
    #expect(try await bench.ask(query, as: .system) == before)
    await bench.time.advance(by: .seconds(901))
    #expect(await bench.outcome(query, as: .system) == "restaurant_unknown")
  }
}
