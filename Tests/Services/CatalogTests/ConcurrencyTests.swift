import CatalogAPI
import Kernel
import ServiceKit
import Testing
import Wire

@testable import Catalog

@Suite struct ConcurrencyTests {
  @Test func ofManyChangesFromOneVersionOneWins() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    let outcomes = await withTaskGroup(of: [String].self) { group in
      for number in 0..<25 {
        group.addTask {
          [
            await bench.outcome(UpdateRestaurant(restaurantId: place.restaurant.id, version: 1, name: "N\(number)"), as: owner),
            await bench.outcome(UpdateMenuItem(menuItemId: place.item.id, version: 1, price: Amount(units: number + 1)), as: owner)
          ]
        }
      }
      return await group.reduce(into: [[String]]()) { $0.append($1) }
    }
    for kind in 0..<2 {
      #expect(outcomes.map { $0[kind] }.filter { $0 == "ok" }.count == 1)
      #expect(outcomes.map { $0[kind] }.filter { $0 == "stale" }.count == 24)
    }
    #expect(try await bench.count("catalog_prices") == 2)
  }

  /// A read that was loading while the change went to disk must not leave the old menu behind.
  @Test func theWriterReadsItsOwnChangeWhileOthersRead() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    let restaurant = place.restaurant.id
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          while !Task.isCancelled {
            _ = try await bench.ask(GetMenu(restaurantId: restaurant), as: .anonymous)
            _ = try await bench.ask(GetRestaurant(restaurantId: restaurant), as: .anonymous)
            await Task.yield()
          }
        }
      }
      for number in 1...100 {
        _ = try await bench.ask(UpdateMenuItem(menuItemId: place.item.id, price: Amount(units: number)), as: owner)
        let menu = try await bench.ask(GetMenu(restaurantId: restaurant), as: .anonymous).value()
        #expect(menu.categories[0].items[0].price == Amount(units: number))
        _ = try await bench.ask(UpdateRestaurant(restaurantId: restaurant, preparationMinutes: number), as: owner)
        #expect(try await bench.ask(GetRestaurant(restaurantId: restaurant), as: .anonymous).value().preparationMinutes == number)
      }
      group.cancelAll()
      while let result = await group.nextResult() { _ = result }
    }
  }
}
