import CatalogAPI
import Kernel
import ServiceKit
import TestKit
import Testing
import Wire

@testable import Catalog

@Suite struct RestaurantListTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func theListNearAPointIsThatOfACountByHand(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (_, owner) = try await bench.found()
    var generator = SeededGenerator(21)
    let middle = GeoPoint(latitude: 52.52, longitude: 13.405)
    var made: [Restaurant] = []
    for number in 0..<40 {
      var request = CatalogBench.request("Place \(number)")
      request.point = middle.offset(
        northMeters: Double.random(in: -9000...9000, using: &generator), eastMeters: Double.random(in: -9000...9000, using: &generator))
      request.cuisineTypes = number % 3 == 0 ? ["Thai"] : ["burger"]
      request.isActive = number % 7 != 0
      if number % 5 == 0 { request.openingHours = OpeningHours() }
      made.append(try await bench.ask(request, as: owner))
    }
    for (cuisine, openNow) in [(nil, nil), ("thai", nil), ("THAI", true), (nil, false)] as [(String?, Bool?)] {
      let expected = made.filter { restaurant in
        restaurant.isActive && restaurant.point.distanceMeters(to: middle) <= 6000 && (openNow.map { $0 == restaurant.isOpen } ?? true)
          && (cuisine.map { restaurant.cuisineTypes.contains($0.lowercased()) } ?? true)
      }.sorted { $0.point.distanceMeters(to: middle) < $1.point.distanceMeters(to: middle) }
      #expect(!expected.isEmpty)
      var found: [RestaurantSummary] = []
      var cursor: String?
      repeat {
        let page = try await bench.ask(
          ListRestaurants(
            latitude: middle.latitude, longitude: middle.longitude, radiusMeters: 6000, cuisine: cuisine, openNow: openNow, limit: 3,
            cursor: cursor), as: .anonymous
        ).value()
        #expect(page.items.count <= 3)
        found += page.items
        cursor = page.nextCursor
      } while cursor != nil
      #expect(found.map(\.id) == expected.map(\.id))
      #expect(found.map(\.distanceMeters) == expected.map { Int($0.point.distanceMeters(to: middle).rounded()) })
    }
  }

  @Test func withoutAPointTheyComeByName() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    for name in ["beta", "Alpha", "gamma", "Delta", "alpha"] { _ = try await bench.ask(CatalogBench.request(name), as: owner) }
    var names: [String] = []
    var cursor: String?
    repeat {
      let page = try await bench.ask(ListRestaurants(limit: 2, cursor: cursor), as: .anonymous).value()
      names += page.items.map(\.name)
      cursor = page.nextCursor
    } while cursor != nil
    #expect(names == ["Alpha", "alpha", "beta", "Delta", "gamma"])
  }

  @Test func theMeridianAndThePolesAreCrossed() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    var ids: [RestaurantID] = []
    for (latitude, longitude) in [(-17.8, 179.99), (-17.8, -179.99), (89.99, 10), (89.99, -170)] {
      var request = CatalogBench.request()
      request.point = GeoPoint(latitude: latitude, longitude: longitude)
      ids.append(try await bench.ask(request, as: owner).id)
    }
    func around(_ latitude: Double, _ longitude: Double) async throws -> Set<RestaurantID> {
      let query = ListRestaurants(latitude: latitude, longitude: longitude, radiusMeters: 5000)
      return Set(try await bench.ask(query, as: .anonymous).value().items.map(\.id))
    }
    #expect(try await around(-17.8, 179.995) == [ids[0], ids[1]])
    #expect(try await around(-17.8, -179.995) == [ids[0], ids[1]])
    #expect(try await around(90, 0) == [ids[2], ids[3]])
  }

  @Test func wrongQueriesAreNamed() async throws {
    let bench = try await CatalogBench()
    #expect(await bench.outcome(ListRestaurants(latitude: 1), as: .anonymous) == "longitude")
    #expect(await bench.outcome(ListRestaurants(cursor: "x"), as: .anonymous) == "cursor")
    #expect(
      await bench.outcome(ListRestaurants(latitude: 1, longitude: 1, cursor: "\(bench.ids.next(RestaurantID.self))"), as: .anonymous) == "cursor")
  }

  @Test func whatClosesLeavesTheListAndComesBack() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    let made = try await bench.ask(CatalogBench.request(), as: owner)
    func listed() async throws -> [RestaurantID] { try await bench.ask(ListRestaurants(), as: .anonymous).value().items.map(\.id) }
    #expect(try await listed() == [made.id])
    _ = try await bench.ask(CloseRestaurant(restaurantId: made.id), as: owner)
    #expect(try await listed() == [])
    #expect(try await bench.ask(ListMyRestaurants(), as: owner).items.map(\.isActive) == [false])
    #expect(await bench.outcome(QuoteItems(restaurantId: made.id, items: [], fulfilment: .pickup), as: .system) == "restaurant_unknown")
    _ = try await bench.ask(UpdateRestaurant(restaurantId: made.id, isActive: true), as: owner)
    #expect(try await listed() == [made.id])
  }
}
