import CatalogAPI
import Kernel
import ServiceKit
import Testing

@testable import Catalog

@Suite struct TermsTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func manyAreToldInTheOrderAskedFor(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (_, owner) = try await bench.found()
    var made: [Restaurant] = []
    for name in ["A", "B", "C"] { made.append(try await bench.ask(CatalogBench.request(name), as: owner)) }
    func names(_ ids: [RestaurantID], withClosed: Bool = false) async throws -> [String] {
      try await bench.ask(GetTerms(restaurantIds: ids, withClosed: withClosed), as: .system).terms.map(\.name)
    }
    let asked = [made[2].id, bench.ids.next(), made[0].id, made[1].id]
    for _ in 0..<2 { #expect(try await names(asked) == ["C", "A", "B"]) }
    #expect(try await names([]) == [])
    _ = try await bench.ask(CloseRestaurant(restaurantId: made[0].id), as: owner)
    #expect(try await names(asked) == ["C", "B"])
    #expect(try await names(asked, withClosed: true) == ["C", "A", "B"])
    let terms = try await bench.ask(GetTerms(restaurantIds: [made[1].id]), as: .system).terms[0]
    #expect(terms.tenantId == made[1].tenantId && terms.timeZone == "America/New_York" && terms.point == made[1].point)
  }
}
