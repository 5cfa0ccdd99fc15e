import CatalogAPI
import Kernel
import OrderingAPI
import ServiceKit
import TestKit
import Testing
import Wire

@testable import Ordering

@Suite struct OrderMoveTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases) func pickupGoesToItsEnd(delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let placed = try await bench.ask(bench.request(.pickup), as: People.customer)
    let confirmed = try await bench.ask(UpdateOrderStatus(orderId: placed.id, status: .confirmed, readyInMinutes: 15), as: People.staff)
    #expect(confirmed.readyAt == bench.time.now + .seconds(900) && confirmed.version == 2)
    let completed = try await bench.advance(placed.id, .preparing, .readyForPickup, .completed)
    #expect(completed?.status == .completed && completed?.version == 5)
    #expect(completed?.history.map(\.status) == [.pending, .confirmed, .preparing, .readyForPickup, .completed])
    #expect(completed?.history.last?.by == .staff && completed?.history.last?.from == .readyForPickup)
    #expect(
      try await bench.events() == [
        "order.created", "order.confirmed", "order.status_changed", "order.preparing", "order.status_changed", "order.ready",
        "order.status_changed", "order.completed", "order.status_changed"
      ])
  }

  @Test func confirmationUsesTheRestaurantsUsualTime() async throws {
    let bench = try await Bench()
    let placed = try await bench.ask(bench.request(), as: People.customer)
    let confirmed = try await bench.advance(placed.id, .confirmed)
    #expect(confirmed?.readyAt == bench.time.now + .seconds(20 * 60))
    #expect(confirmed?.estimatedDeliveryTime == bench.time.now + .seconds(25 * 60))
  }

  @Test func refundFollowsWhoAndWhen() async throws {
    let bench = try await Bench(settings: ["ordering.customerCancelRefundPercent": "30"])
    for (statuses, caller, refund) in [
      ([], People.customer, 2500), ([], People.staff, 2500), ([.confirmed], People.customer, 2500), ([.confirmed, .preparing], People.customer, 750),
      ([.confirmed, .preparing, .readyForPickup], People.customer, 750), ([.confirmed, .preparing], People.admin, 2500)
    ] as [([OrderStatus], Caller, Int)] {
      let placed = try await bench.ask(bench.request(), as: People.customer)
      for status in statuses { try await bench.advance(placed.id, status) }
      let cancelled = try await bench.ask(CancelOrder(orderId: placed.id, reason: "changed my mind"), as: caller)
      #expect(cancelled.status == .cancelled && cancelled.refund == Amount(units: refund), "\(statuses)")
      #expect(cancelled.history.last?.reason == "changed my mind")
    }
    let told = try await bench.envelopes("order.cancelled").map { try $0.event(as: OrderCancelled.self).order.refund }
    #expect(told == [2500, 2500, 2500, 750, 750, 2500].map { Amount(units: $0) })
  }

  /// Who may not do what: the answer, and that nothing was written.
  @Test func refusedMovesChangeNothing() async throws {
    let bench = try await Bench()
    let order = try await bench.ask(bench.request(), as: People.customer)
    let before = try await bench.rowCounts()
    let cases: [(Caller, OrderStatus, Int?, String)] = [
      (People.customer, .confirmed, nil, "403 transition_forbidden"),
      (People.customer, .delivered, nil, "409 illegal_transition"),
      (People.stranger, .cancelled, nil, "404 order_unknown"),
      (People.otherStaff, .confirmed, nil, "404 order_unknown"),
      (People.courier, .outForDelivery, nil, "404 order_unknown"),
      (.anonymous, .confirmed, nil, "not_signed_in"),
      (People.staff, .preparing, nil, "409 illegal_transition"),
      (People.staff, .delivered, nil, "409 illegal_transition"),
      (People.staff, .confirmed, 7, "412 stale"),
      (People.admin, .completed, nil, "409 illegal_transition")
    ]
    for (caller, status, version, expected) in cases {
      #expect(await bench.refusal(UpdateOrderStatus(orderId: order.id, status: status, version: version), as: caller) == expected)
      #expect(try await bench.rowCounts() == before)
    }
    #expect(await bench.refusal(UpdateOrderStatus(orderId: OrderID(high: 9, low: 9), status: .confirmed), as: People.staff) == "404 order_unknown")
    #expect(try await bench.ask(GetOrder(orderId: order.id), as: People.customer) == order)
    try await bench.advance(order.id, .confirmed, .preparing, .readyForPickup)
    #expect(await bench.refusal(UpdateOrderStatus(orderId: order.id, status: .outForDelivery), as: People.staff) == "409 illegal_transition")
    #expect(await bench.refusal(UpdateOrderStatus(orderId: order.id, status: .completed), as: People.staff) == "409 illegal_transition")
  }

  @Test func versionThatWasSeenIsAccepted() async throws {
    let bench = try await Bench()
    let order = try await bench.ask(bench.request(), as: People.customer)
    #expect(await bench.refusal(UpdateOrderStatus(orderId: order.id, status: .confirmed, version: order.version), as: People.staff) == nil)
    #expect(await bench.refusal(CancelOrder(orderId: order.id, version: order.version), as: People.customer) == "412 stale")
  }

  @Test func racingMovesHappenOnce() async throws {
    let bench = try await Bench()
    let order = try await bench.ask(bench.request(), as: People.customer)
    let done = await withTaskGroup(of: String?.self) { group in
      for index in 0..<20 {
        group.addTask {
          index % 2 == 0
            ? await bench.refusal(UpdateOrderStatus(orderId: order.id, status: .confirmed, version: 1), as: People.staff)
            : await bench.refusal(CancelOrder(orderId: order.id, version: 1), as: People.customer)
        }
      }
      return await group.reduce(into: [String?]()) { $0.append($1) }
    }
    #expect(done.count { $0 == nil } == 1)
    #expect(done.count { $0 == "412 stale" } == 19)
  }

  @Test func readersSeeWhatIsTheirs() async throws {
    let bench = try await Bench()
    let own = try await bench.ask(bench.request(), as: People.customer)
    let others = try await bench.ask(bench.request(), as: People.stranger)
    for (caller, sees) in [
      (People.customer, true), (People.stranger, false), (People.staff, true), (People.otherStaff, false), (People.admin, true),
      (People.courier, false),
      (.system, true)
    ] as [(Caller, Bool)] {
      #expect(await bench.refusal(GetOrder(orderId: own.id), as: caller) == (sees ? nil : "404 order_unknown"))
      #expect(try await bench.ask(MayFollowOrder(orderId: own.id, caller: caller), as: .system).mayFollow == sees)
    }
    try await bench.advance(own.id, .confirmed)
    for (caller, request, expected) in [
      (People.customer, ListOrders(), [own.id]), (People.staff, ListOrders(), [others.id, own.id]), (People.otherStaff, ListOrders(), []),
      (People.admin, ListOrders(), [others.id, own.id]), (People.staff, ListOrders(status: .confirmed), [own.id]),
      (People.staff, ListOrders(mine: true), []),
      (People.admin, ListOrders(restaurantId: bench.catalog.otherRestaurant), []),
      (People.admin, ListOrders(restaurantId: bench.catalog.restaurant), [others.id, own.id])
    ] as [(Caller, ListOrders, [OrderID])] {
      #expect(try await bench.ask(request, as: caller).items.map(\.id) == expected)
    }
  }

  @Test func pagesHoldEveryOrderOnce() async throws {
    let bench = try await Bench()
    var placed: [OrderID] = []
    for _ in 0..<7 { placed.append(try await bench.ask(bench.request(.pickup), as: People.customer).id) }
    var seen: [OrderID] = []
    var cursor: OrderID?
    var pages = 0
    repeat {
      let page = try await bench.ask(ListOrders(limit: 3, cursor: cursor), as: People.customer)
      seen += page.items.map(\.id)
      cursor = page.nextCursor.flatMap { OrderID($0) }
      pages += 1
    } while cursor != nil && pages < 10
    #expect(seen == placed.reversed())
    #expect(pages == 3)
  }

  @Test func routesFitTheirOperations() { _ = RouteTable(orderingRoutes) }
}

@Suite struct OrderReaderTests {
  @Test func secondReadIsFromMemoryWhereNobodyElseWritesAndNeverStale() async throws {
    let counting = CountingDatabase(try await Bench.emptyDatabase())
    let bench = try await Bench(store: counting)
    let order = try await bench.ask(bench.request(), as: People.customer)
    _ = try await bench.ask(GetOrder(orderId: order.id), as: People.customer)
    let reads = counting.reads
    #expect(try await bench.ask(GetOrder(orderId: order.id), as: People.staff) == order)
    #expect(await bench.refusal(GetOrder(orderId: order.id), as: People.stranger) == "404 order_unknown")
    // Where other processes may write beside this one, memory would be stale: there every look is a read.
    #expect(counting.reads == (TestDatabase.engine == .sqlite ? reads : reads + 2))
    for (index, status) in [OrderStatus.confirmed, .preparing, .readyForPickup].enumerated() {
      let moved = try await bench.advance(order.id, status)
      #expect(try await bench.ask(GetOrder(orderId: order.id), as: People.customer) == moved)
      #expect(moved?.version == index + 2)
    }
  }
}
