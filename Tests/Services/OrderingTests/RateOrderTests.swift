import IdentityAPI
import Kernel
import OrderingAPI
import ServiceKit
import Testing

@testable import Ordering

@Suite struct RateOrderTests {
  private func handedOver(_ bench: Bench) async throws -> Order {
    let order = try await bench.ask(bench.request(.pickup), as: People.customer)
    return try #require(try await bench.advance(order.id, .confirmed, .preparing, .readyForPickup, .completed))
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases) func starsAreGivenOnceAndTold(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let order = try await handedOver(bench)
    #expect(order.rating == nil)
    let rated = try await bench.ask(RateOrder(orderId: order.id, stars: 4, comment: "Warm, and in time"), as: People.customer)
    #expect(rated.rating == 4 && rated.ratingComment == "Warm, and in time" && rated.version == order.version + 1)
    #expect(rated.status == .completed && rated.history == order.history)
    #expect(try await bench.ask(RateOrder(orderId: order.id, stars: 4), as: People.customer) == rated)
    #expect(await bench.refusal(RateOrder(orderId: order.id, stars: 5), as: People.customer) == "409 already_rated")
    // Both sides read it.
    for caller in [People.customer, People.staff] { #expect(try await bench.ask(GetOrder(orderId: order.id), as: caller) == rated) }
    #expect(try await bench.ask(ListOrders(), as: People.staff).items.map(\.rating) == [4])
    let told = try await bench.envelopes("order.rated").map { try $0.event(as: OrderRated.self) }
    #expect(told == [OrderRated(orderId: order.id, tenantId: People.tenant, restaurantId: bench.catalog.restaurant, stars: 4)])
  }

  @Test func onlyWhatWasHandedOverIsRated() async throws {
    let bench = try await Bench()
    let order = try await bench.ask(bench.request(), as: People.customer)
    for status in [nil, OrderStatus.confirmed, .preparing, .readyForPickup] {
      if let status { try await bench.advance(order.id, status) }
      #expect(await bench.refusal(RateOrder(orderId: order.id, stars: 5), as: People.customer) == "409 not_delivered")
    }
    try await bench.tell(bench.delivery(order, .delivered))
    #expect(try await bench.ask(RateOrder(orderId: order.id, stars: 5, comment: ""), as: People.customer).ratingComment == nil)
    let other = try await bench.ask(bench.request(), as: People.customer)
    _ = try await bench.ask(CancelOrder(orderId: other.id), as: People.customer)
    #expect(await bench.refusal(RateOrder(orderId: other.id, stars: 1), as: People.customer) == "409 not_delivered")
    #expect(try await bench.events().count { $0 == "order.rated" } == 1)
  }

  @Test func nobodyElseRates() async throws {
    let bench = try await Bench(.loopback)
    let order = try await handedOver(bench)
    for (caller, expected) in [
      (.anonymous, "not_signed_in"), (People.stranger, "404 order_unknown"), (People.staff, "404 order_unknown"),
      (People.otherStaff, "404 order_unknown"), (People.admin, "404 order_unknown"), (People.courier, "404 order_unknown")
    ] as [(Caller, String)] {
      #expect(await bench.refusal(RateOrder(orderId: order.id, stars: 1), as: caller) == expected)
    }
    #expect(await bench.refusal(RateOrder(orderId: order.id, stars: 6), as: People.customer) == "400 stars")
    #expect(try await bench.ask(GetOrder(orderId: order.id), as: People.customer) == order)
  }

  @Test func ofManyAtOnceOneCounts() async throws {
    let bench = try await Bench()
    let order = try await handedOver(bench)
    let outcomes = await withTaskGroup(of: String?.self) { group in
      for stars in 1...5 {
        for _ in 0..<4 { group.addTask { await bench.refusal(RateOrder(orderId: order.id, stars: stars), as: People.customer) } }
      }
      return await group.reduce(into: [String?]()) { $0.append($1) }
    }
    #expect(outcomes.count { $0 == nil } == 4 && outcomes.count { $0 == "409 already_rated" } == 16)
    #expect(try await bench.events().count { $0 == "order.rated" } == 1)
  }

  @Test func whatAPersonWroteGoesWithTheirAccount() async throws {
    let bench = try await Bench()
    let order = try await handedOver(bench)
    _ = try await bench.ask(RateOrder(orderId: order.id, stars: 2, comment: "My name is Ann"), as: People.customer)
    try await bench.tell(PersonErased(userId: People.customerID, erasedAt: bench.time.now))
    try await bench.runJob("ordering.forgetPeople")
    let left = try await bench.ask(GetOrder(orderId: order.id), as: People.staff)
    #expect(left.rating == 2 && left.ratingComment == nil)
  }
}
