import CatalogAPI
import Kernel
import ServiceKit
import TestKit
import Testing

@testable import Catalog

@Suite struct ApprovalTests {
  private static let asked = ["catalog.requiresApproval": "true"]

  @Test func theSameWordAgainHoldsAsItDid() {
    let (early, late) = (Instant(milliseconds: 1), Instant(milliseconds: 2))
    let waiting = Approval(waitingSince: early)
    #expect(!waiting.isGiven && Approval().isGiven)
    let given = waiting.given(true, "Welcome", at: late)
    #expect(given == Approval(approvedAt: late, note: "Welcome") && given.isGiven)
    #expect(given.given(true, nil, at: Instant(milliseconds: 3)) == given)
    #expect(given.given(false, "No licence", at: Instant(milliseconds: 3)) == Approval(waitingSince: Instant(milliseconds: 3), note: "No licence"))
    #expect(waiting.given(false, "Send the licence", at: late) == Approval(waitingSince: early, note: "Send the licence"))
    #expect(Approval().given(true, nil, at: late) == Approval())
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func whatWaitsIsNeitherShownNorOrdered(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery, settings: Self.asked)
    let (tenant, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    let id = place.restaurant.id
    #expect(!place.restaurant.isApproved && !place.restaurant.isOpen && place.restaurant.isActive && place.restaurant.opensAt == nil)
    func listed() async throws -> [Int] {
      let point = place.restaurant.point
      let near = ListRestaurants(latitude: point.latitude, longitude: point.longitude)
      return [
        try await bench.ask(ListRestaurants(), as: .anonymous).value().items.count, try await bench.ask(near, as: .anonymous).value().items.count,
        try await bench.ask(ListRestaurants(search: "margherita"), as: .anonymous).value().items.count,
        try await bench.ask(GetTerms(restaurantIds: [id]), as: .system).terms.count
      ]
    }
    func quoted() async -> [String] {
      var outcomes: [String] = []
      for checks in [true, false] {
        let want = WantedItem(menuItemId: place.item.id, quantity: 1, optionIds: [place.sizes[0].id])
        outcomes.append(
          await bench.outcome(QuoteItems(restaurantId: id, items: [want], fulfilment: .pickup, checksOpening: checks), as: .system))
      }
      return outcomes
    }
    #expect(try await listed() == [0, 0, 0, 0])
    #expect(await quoted() == ["restaurant_not_approved", "restaurant_not_approved"])
    let waiting = try await bench.ask(ListWaitingRestaurants(), as: bench.admin).items
    #expect(waiting.map(\.restaurant.id) == [id] && waiting[0].tenantName == tenant.name && waiting[0].waitingSince == bench.time.now)
    // Its managers see it, and what they are told.
    let refused = try await bench.ask(ApproveRestaurant(restaurantId: id, approved: false, note: "Send the licence"), as: bench.admin)
    #expect(!refused.isApproved && refused.version == 2)
    let own = try await bench.ask(ListMyRestaurants(), as: owner).items
    #expect(own.map(\.isApproved) == [false] && own[0].approvalNote == "Send the licence")
    await bench.time.advance(by: .seconds(60))
    let approved = try await bench.ask(ApproveRestaurant(restaurantId: id, approved: true), as: bench.admin)
    #expect(approved.isApproved && approved.isOpen && approved.approvedAt == bench.time.now && approved.version == 3)
    #expect(try await bench.ask(ApproveRestaurant(restaurantId: id, approved: true), as: bench.admin) == approved)
    #expect(try await listed() == [1, 1, 1, 1])
    #expect(await quoted() == ["ok", "ok"])
    #expect(try await bench.ask(ListRestaurants(), as: .anonymous).value().items[0].approvalNote == nil)
    #expect(try await bench.ask(ListWaitingRestaurants(), as: bench.admin).items.isEmpty)
    // A manager's changes leave it approved; an administrator takes it off again.
    #expect(try await bench.ask(UpdateRestaurant(restaurantId: id, name: "Da Luigi"), as: owner).isApproved)
    _ = try await bench.ask(ApproveRestaurant(restaurantId: id, approved: false), as: bench.admin)
    #expect(try await listed() == [0, 0, 0, 0])
    #expect(try await bench.ask(GetRestaurant(restaurantId: id), as: .anonymous).value().isApproved == false)
  }

  @Test func nobodyWaitsUnlessThePlatformAsks() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    let made = try await bench.ask(CatalogBench.request(), as: owner)
    #expect(made.isApproved && made.approvedAt == nil)
    #expect(try await bench.ask(ListWaitingRestaurants(), as: bench.admin).items.isEmpty)
    #expect(await bench.outcome(ApproveRestaurant(restaurantId: bench.ids.next(), approved: true), as: bench.admin) == "restaurant_unknown")
  }

  @Test func whatThePlatformOpensIsApproved() async throws {
    let bench = try await CatalogBench(settings: Self.asked)
    let (tenant, owner) = try await bench.found()
    var request = CatalogBench.request()
    request.tenantId = tenant.id
    for (caller, isApproved) in [(bench.admin, true), (.system, true), (owner, false), (bench.staff(.manager, of: tenant.id), false)] {
      #expect(try await bench.ask(request, as: caller).isApproved == isApproved)
    }
    let first = try await bench.ask(ListWaitingRestaurants(limit: 1), as: bench.admin)
    let cursor = try #require(first.nextCursor.flatMap { RestaurantID($0) })
    let second = try await bench.ask(ListWaitingRestaurants(limit: 1, cursor: cursor), as: bench.admin)
    #expect(first.items.count == 1 && second.items.count == 1 && second.nextCursor == nil && first.items != second.items)
  }
}
