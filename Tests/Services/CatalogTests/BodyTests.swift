import CatalogAPI
import Kernel
import ServiceKit
import Testing
import Wire

@testable import Catalog

/// Bodies as clients send them.
@Suite struct BodyTests {
  @Test func aRestaurantAndADishAreMadeFromJSON() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    let create = try decode(
      CreateRestaurant.self,
      from: Array(
        """
        {"name":"Sushi Go","address":"1-2-3 Shibuya","point":{"latitude":35.66,"longitude":139.7},"timeZone":"Asia/Tokyo","currency":"JPY",
        "cuisineTypes":["sushi"],"openingHours":{"monday":[{"opens":"11:00","closes":"14:00"},{"opens":"17:00","closes":"02:00"}],
        "sunday":[{"opens":"00:00","closes":"24:00"}]},"minimumOrder":"1000","preparationMinutes":20,"deliveryRadiusMeters":4000,
        "taxRules":[{"name":"消費税","ratePercent":"8","isIncluded":true}],"deliveryFee":{"base":"300","perKilometer":"50","freeKilometers":1.5},
        "closures":[{"firstDay":"2026-12-31","lastDay":"2027-01-03","reason":"New Year"}],"unheardOf":{"deep":[1,2]}}
        """.utf8))
    let restaurant = try await bench.ask(create, as: owner)
    #expect(restaurant.minimumOrder.description == "1000")
    // 10:00 in London summer is 19:00 on a Monday in Tokyo.
    #expect(restaurant.isOpen)
    #expect(restaurant.closesAt == instant("2026-06-01T17:00:00Z"))
    let category = try await bench.ask(CreateCategory(restaurantId: restaurant.id, name: "Nigiri"), as: owner)
    let item = try decode(
      CreateMenuItem.self,
      from: Array(
        """
        {"restaurantId":"\(restaurant.id)","categoryId":"\(category.id)","name":"Salmon \\u00e9","price":"250",
        "optionGroups":[{"name":"Wasabi","minimum":0,"maximum":1,"options":[{"name":"Extra","price":"30"},{"name":"None"}]}]}
        """.utf8))
    #expect(try await bench.ask(item, as: owner).optionGroups[0].options.map(\.price.description) == ["30", "0"])
  }

  @Test(arguments: [
    (#"{"price":-1}"#, "price"), (#"{"price":"1e9"}"#, "price"), (#"{"price":"NaN"}"#, "price"), (#"{"price":"99999999999"}"#, "price"),
    (#"{"price":"0.001"}"#, "price"), (#"{"price":"-0.01"}"#, "price"), (#"{"price":["1"]}"#, "price"), (#"{"name":" "}"#, "name"),
    (#"{"sortOrder":-1}"#, "sortOrder"), (#"{"isAvailable":"yes"}"#, "isAvailable"), (#"{"unavailableUntil":"tomorrow"}"#, "unavailableUntil"),
    (#"{"categoryId":"7"}"#, "categoryId"), (#"{"optionGroups":[{"name":"x","options":[]}]}"#, "optionGroups[0].options"),
    (#"{"optionGroups":[{"name":"x","maximum":2,"options":[{"name":"a"}]}]}"#, "optionGroups[0].maximum"),
    (#"{"optionGroups":[{"name":"x","options":[{"name":"a","price":"1.234"}]}]}"#, "optionGroups[0].options[0].price"),
    (#"{"version":0}"#, "stale"), (#"{"name":"x","name":1}"#, "name name")
  ])
  func aWrongChangeOfADishIsNamedAndChangesNothing(_ body: String, _ expected: String) async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    let outcome: String
    do {
      let request = try Array(body.utf8).withUnsafeBytes { bytes in
        try UpdateMenuItem.bind(RequestParts(path: [("menuItemId", place.item.id.description)], body: bytes))
      }
      outcome = await bench.outcome(request, as: owner)
    } catch let faults as InvalidInput { outcome = faults.all.map(\.path).joined(separator: " ") }
    #expect(outcome == expected)
    #expect(try await bench.ask(GetMenuItem(menuItemId: place.item.id), as: .anonymous) == place.item)
    #expect(try await bench.count("catalog_prices") == 1)
  }
}
