import CatalogAPI
import Kernel
import OrderingAPI
import ServiceKit
import Testing

@testable import Catalog

@Suite struct RatingTests {
  @Test(arguments: [([], nil), ([5], 5), ([5, 4], 4.5), ([5, 5, 4], 4.67), ([1, 1, 2], 1.33)] as [([Int], Double?)])
  func theMeanIsToTheHundredth(_ stars: [Int], _ mean: Double?) {
    #expect(Ratings(sum: stars.reduce(0, +), count: stars.count).mean == mean)
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func starsOfMealsAreTheRestaurants(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (tenant, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    let id = place.restaurant.id
    /// The rating as it is read alone, and in a list.
    func read() async throws -> [Double?] {
      [
        try await bench.ask(GetRestaurant(restaurantId: id), as: .anonymous).value().rating,
        try await bench.ask(ListRestaurants(), as: .anonymous).value().items[0].rating
      ]
    }
    func rate(_ stars: Int, _ restaurant: RestaurantID) async throws {
      try await bench.hear(OrderRated(orderId: bench.ids.next(), tenantId: tenant.id, restaurantId: restaurant, stars: stars))
    }
    #expect(try await read() == [nil, nil])
    for (stars, mean) in [(5, 5), (4, 4.5), (1, 3.33)] {
      try await rate(stars, id)
      #expect(try await read() == [mean, mean], "nothing kept in memory is shown after it")
    }
    #expect(try await bench.ask(GetRestaurant(restaurantId: id), as: .anonymous).value().ratingCount == 3)
    // Who edits meanwhile has lost no version, and takes no rating away.
    let edited = try await bench.ask(UpdateRestaurant(restaurantId: id, version: 1, name: "Da Luigi"), as: owner)
    #expect(edited.ratingCount == 3 && edited.rating == 3.33)
    #expect(try await bench.events().suffix(4) == Array(repeating: "restaurant.updated", count: 4))
    try await rate(5, bench.ids.next())
  }
}
