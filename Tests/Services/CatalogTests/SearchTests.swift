import CatalogAPI
import Kernel
import Persistence
import ServiceKit
import Testing
import Wire

@testable import Catalog

@Suite struct SearchTests {
  @Test(
    arguments: [
      ("pizza", ["pizza"]), ("  Crème   BRÛLÉE ", ["creme", "brulee"]), ("50%_off!", ["50%_off!"]), ("  ", nil), ("", nil)
    ] as [(String, [String]?)])
  func wordsAreFolded(_ text: String, _ words: [String]?) {
    #expect(SearchWords(text)?.words == words)
  }

  @Test func whatMeansSomethingToTheDatabaseIsMeantLiterally() {
    #expect(SearchWords("50%_off!")?.patterns == ["%50!%!_off!!%"])
    #expect(SearchWords(nil) == nil)
  }

  /// The names that a search finds, in the order of the list.
  private func found(_ bench: CatalogBench, _ request: ListRestaurants) async throws -> [String] {
    try await bench.ask(request, as: .anonymous).value().items.map(\.name)
  }

  /// Two restaurants with a dish each.
  private func town(_ bench: CatalogBench) async throws -> (owner: Caller, mario: CatalogBench.Place, corner: CatalogBench.Place) {
    let (_, owner) = try await bench.found()
    let mario = try await bench.restaurant(of: owner) { $0.description = "Wood fire, 100% Neapolitan" }
    let corner = try await bench.restaurant(of: owner) { request in
      request.name = "Café am Eck"
      request.cuisineTypes = ["Coffee"]
      request.point = request.point.offset(northMeters: 20_000, eastMeters: 0)
    }
    _ = try await bench.ask(UpdateMenuItem(menuItemId: corner.item.id, name: "Crème brûlée"), as: owner)
    return (owner, mario, corner)
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func nameDescriptionCuisineAndDishesAreFound(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    _ = try await town(bench)
    for (search, names) in [
      ("MARIO", ["Da Mario"]), ("neapolitan fire", ["Da Mario"]), ("italian", ["Da Mario"]), ("marghe", ["Da Mario"]), ("cafe", ["Café am Eck"]),
      ("brulee eck", ["Café am Eck"]), ("mario brulee", []), ("100%", ["Da Mario"]), ("%", ["Da Mario"]), ("_", []),
      ("a", ["Café am Eck", "Da Mario"]), ("   ", ["Café am Eck", "Da Mario"])
    ] {
      #expect(try await found(bench, ListRestaurants(search: search)) == names, "\(search)")
      #expect(try await found(bench, ListRestaurants(query: search)) == names)
      #expect(try await found(bench, ListRestaurants(q: search)) == names)
    }
    // Only what comes encoded is held to the rules of its fields.
    let long = ListRestaurants(search: String(repeating: "x", count: 81))
    #expect(await bench.outcome(long, as: .anonymous) == (delivery == .direct ? "ok" : "search"))
  }

  @Test func aSearchGoesWithEveryOtherFilter() async throws {
    let bench = try await CatalogBench()
    let (owner, mario, _) = try await town(bench)
    let point = mario.restaurant.point
    func near(_ search: String, _ radius: Int, cuisine: String? = nil, openNow: Bool? = nil) async throws -> [String] {
      try await found(
        bench,
        ListRestaurants(
          latitude: point.latitude, longitude: point.longitude, radiusMeters: radius, cuisine: cuisine, search: search, openNow: openNow))
    }
    #expect(try await near("a", 30_000) == ["Da Mario", "Café am Eck"])
    #expect(try await near("a", 5000) == ["Da Mario"])
    #expect(try await near("a", 30_000, cuisine: "coffee") == ["Café am Eck"])
    #expect(try await near("brulee", 30_000, openNow: true) == ["Café am Eck"])
    #expect(try await near("brulee", 30_000, openNow: false) == [])
    let first = try await bench.ask(ListRestaurants(search: "a", limit: 1), as: .anonymous).value()
    let second = try await bench.ask(ListRestaurants(search: "a", limit: 1, cursor: first.nextCursor), as: .anonymous).value()
    #expect((first.items + second.items).map(\.name) == ["Café am Eck", "Da Mario"] && second.nextCursor == nil)
    _ = try await bench.ask(CloseRestaurant(restaurantId: mario.restaurant.id), as: owner)
    #expect(try await near("a", 30_000) == ["Café am Eck"])
  }

  @Test func whatIsRenamedOrGoneIsFoundSoAtOnce() async throws {
    let bench = try await CatalogBench()
    let (owner, mario, _) = try await town(bench)
    #expect(try await found(bench, ListRestaurants(search: "margherita")) == ["Da Mario"])
    _ = try await bench.ask(UpdateMenuItem(menuItemId: mario.item.id, name: "Marinara"), as: owner)
    #expect(try await found(bench, ListRestaurants(search: "margherita")) == [])
    #expect(try await found(bench, ListRestaurants(search: "marinara")) == ["Da Mario"])
    _ = try await bench.ask(DeleteMenuItem(menuItemId: mario.item.id), as: owner)
    #expect(try await found(bench, ListRestaurants(search: "marinara")) == [])
    _ = try await bench.ask(UpdateRestaurant(restaurantId: mario.restaurant.id, name: "Da Luigi"), as: owner)
    #expect(try await found(bench, ListRestaurants(search: "luigi")) == ["Da Luigi"])
  }

  @Test func whatAnOlderProgramWroteIsFoundFromTheNextStartOn() async throws {
    let bench = try await CatalogBench()
    _ = try await town(bench)
    try await bench.database.write { try $0.run("DELETE FROM catalog_search") }
    #expect(try await found(bench, ListRestaurants(search: "margherita mario")) == [])
    try await bench.module.recover()
    #expect(try await found(bench, ListRestaurants(search: "mario marghe")) == ["Da Mario"])
    #expect(try await bench.count("catalog_search") == 2)
  }
}
