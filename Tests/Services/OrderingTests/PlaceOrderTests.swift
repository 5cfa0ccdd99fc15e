import CatalogAPI
import Kernel
import OrderingAPI
import PaymentsAPI
import Persistence
import ServiceKit
import Synchronization
import TestKit
import Testing
import Wire

@testable import Ordering

@Suite struct PlaceOrderTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases) func orderIsAuthorisedThenShown(delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let order = try await bench.ask(bench.request(), as: People.customer)
    #expect(order.status == .pending && order.version == 1 && order.total == Amount(units: 2500))
    #expect(order.payment == OrderPayment(method: .card, status: .authorized))
    #expect(order.history.map(\.status) == [.pending] && order.history.first?.by == .customer)
    #expect(order.items.map(\.name) == ["Thali"])
    // 20 minutes of cooking and 1,100 m at 250 m a minute.
    #expect(order.estimatedDeliveryTime == bench.time.now + .seconds(25 * 60))
    #expect(order.acceptBy == bench.time.now + .seconds(600))
    #expect(try await bench.ask(GetOrder(orderId: order.id), as: People.customer) == order)
    #expect(try await bench.events() == ["order.created"])
    let counts = try await bench.rowCounts()
    #expect(counts["saga"] == 0 && counts["orders"] == 1 && counts["order_items"] == 1 && counts["status_history"] == 1)
    #expect(bench.payments.held == 1)
  }

  @Test func orderCostsTwoWritesAndNoRead() async throws {
    let counting = CountingDatabase(try await Bench.emptyDatabase())
    let bench = try await Bench(store: counting)
    _ = try await bench.ask(bench.request(key: "two-writes"), as: People.customer)
    #expect(counting.writes == 2)
    #expect(counting.reads == 0)
  }

  @Test func sameKeySameAnswer() async throws {
    let bench = try await Bench()
    let first = try await bench.ask(bench.request(key: "k"), as: People.customer)
    bench.catalog.state.withLock { $0.isGone = true }  // What refuses it now did not refuse it then.
    let remarks = ReplyRemarks()
    let again = try await CallContext.$remarks.withValue(remarks) { try await bench.ask(bench.request(key: "k"), as: People.customer) }
    #expect(again == first)
    #expect(remarks.isReplay)
    // What became of the order since does not change what was answered.
    try await bench.advance(first.id, .confirmed, .preparing)
    _ = try await bench.ask(CancelOrder(orderId: first.id), as: People.customer)
    #expect(try await bench.ask(bench.request(key: "k"), as: People.customer) == first)
    #expect(try await bench.rowCounts()["orders"] == 1)
    #expect(bench.payments.calls == 1)
  }

  @Test func sameKeyOtherBodyIsRefused() async throws {
    let bench = try await Bench()
    _ = try await bench.ask(bench.request(key: "k"), as: People.customer)
    var other = bench.request(key: "k")
    other.items[0].quantity = 3
    #expect(await bench.refusal(other, as: People.customer) == "409 idempotency_conflict")
    #expect(try await bench.rowCounts()["orders"] == 1)
    // Another person's key of the same name is another key.
    #expect(await bench.refusal(other, as: People.stranger) == nil)
  }

  @Test func hundredCopiesAreOneOrder() async throws {
    let bench = try await Bench()
    let answers = try await withThrowingTaskGroup(of: Order.self) { group in
      for _ in 0..<100 {
        group.addTask {
          let remarks = ReplyRemarks()
          let order = try await CallContext.$remarks.withValue(remarks) { try await bench.ask(bench.request(key: "same"), as: People.customer) }
          if remarks.isReplay { bench.count.withLock { $0 += 1 } }
          return order
        }
      }
      return try await group.reduce(into: [Order]()) { $0.append($1) }
    }
    #expect(Set(answers).count == 1 && answers.count == 100)
    #expect(bench.count.withLock { $0 } == 99)
    #expect(bench.payments.held == 1 && bench.payments.calls == 1)
    #expect(try await bench.rowCounts()["orders"] == 1)
    #expect(try await bench.events() == ["order.created"])
  }

  @Test func declinedCardLeavesNothingButItsAnswer() async throws {
    let bench = try await Bench()
    let declined = bench.request(token: "tok_decline", key: "k")
    #expect(await bench.refusal(declined, as: People.customer) == "422 payment_declined")
    let counts = try await bench.rowCounts()
    #expect(counts["orders"] == 0 && counts["order_items"] == 0 && counts["outbox"] == 0 && counts["saga"] == 0)
    #expect(bench.payments.held == 0)
    let calls = bench.payments.calls
    #expect(await bench.refusal(declined, as: People.customer) == "422 payment_declined")
    #expect(bench.payments.calls == calls)
    #expect(await bench.refusal(bench.request(key: "k"), as: People.customer) == "409 idempotency_conflict")
    #expect(await bench.refusal(bench.request(key: "another"), as: People.customer) == nil)
  }

  @Test func absentProviderIsTriedAgainInTheBackground() async throws {
    let bench = try await Bench()
    bench.payments.state.withLock { $0.losesAnswers = true }
    #expect(await bench.refusal(bench.request(key: "k"), as: People.customer) == "503")
    #expect(await bench.refusal(bench.request(key: "k"), as: People.customer) == "503")
    #expect(try await bench.ask(ListOrders(), as: People.customer).items.isEmpty)
    bench.payments.state.withLock { $0.losesAnswers = false }
    await bench.time.advance(by: .seconds(30))
    try await bench.runJob("ordering.resumePlacing")
    let order = try await bench.ask(bench.request(key: "k"), as: People.customer)
    #expect(order.status == .pending)
    #expect(bench.payments.held == 1)
    #expect(try await bench.ask(ListOrders(), as: People.customer).items == [order])
    // The restaurant's time starts when it sees the order.
    #expect(order.acceptBy == bench.time.now + .seconds(600))
  }

  @Test func longAbsentProviderEndsInNoOrderAndNoHold() async throws {
    let bench = try await Bench()
    bench.payments.state.withLock { $0.losesAnswers = true }
    #expect(await bench.refusal(bench.request(key: "k"), as: People.customer) == "503")
    await bench.time.advance(by: .seconds(1000))
    try await bench.runJob("ordering.resumePlacing")
    #expect(bench.payments.held == 0)
    let counts = try await bench.rowCounts()
    #expect(counts["orders"] == 0 && counts["saga"] == 0 && counts["idempotency"] == 0)
    bench.payments.state.withLock { $0.losesAnswers = false }
    #expect(await bench.refusal(bench.request(key: "k"), as: People.customer) == nil)
  }

  @Test func changedPriceIsNamed() async throws {
    let bench = try await Bench()
    var request = bench.request()
    request.expectedTotal = Amount(units: 25, scale: 0)
    #expect(await bench.refusal(request, as: People.customer) == nil)
    bench.catalog.state.withLock { $0.price = Amount(units: 1300) }
    do {
      _ = try await bench.ask(request, as: People.customer)
      Issue.record("a changed price was not refused")
    } catch CallFailure<OrderRefusal>.refused(let refusal) {
      #expect(refusal.code == "price_changed" && refusal.kind == .conflict)
      #expect(refusal.message.contains("26.00 USD"))
    }
    #expect(try await bench.rowCounts()["orders"] == 1)
  }

  @Test func cashNeedsNoHold() async throws {
    let bench = try await Bench()
    var request = bench.request(.pickup)
    request.payment = PaymentChoice(method: .cash)
    let order = try await bench.ask(request, as: People.customer)
    #expect(order.payment == OrderPayment(method: .cash, status: .pending))
    #expect(order.deliveryAddress == nil)
  }

  /// Every bad request: what is answered, and that nothing at all was written.
  @Test func badInputChangesNothing() async throws {
    let bench = try await Bench()
    _ = try await bench.ask(bench.request(), as: People.customer)
    let before = try await bench.rowCounts()
    func bad(_ change: (inout PlaceOrder) -> Void) -> PlaceOrder {
      var request = bench.request(key: "bad")
      change(&request)
      return request
    }
    let catalog = bench.catalog
    let cases: [(PlaceOrder, String)] = [
      (bad { $0.restaurantId = RestaurantID(high: 9, low: 9) }, "404 restaurant_unknown"),
      (bad { $0.restaurantId = catalog.otherRestaurant }, "422 item_unknown"),
      (bad { $0.items[0].menuItemId = MenuItemID(high: 9, low: 9) }, "422 item_unknown"),
      (bad { $0.restaurantId = nil }, "400 restaurantId"),
      (bad { $0.items = [] }, "400 items"),
      (bad { $0.deliveryAddress = nil }, "400 deliveryAddress"),
      (bad { $0.payment.cardToken = nil }, "400 payment.cardToken"),
      (bad { $0.tip = Amount(units: -1) }, "400 tip"),
      (bad { $0.wantedAt = bench.time.now - .seconds(600) }, "400 wantedAt"),
      (bad { $0.wantedAt = bench.time.now + .seconds(8 * 86_400) }, "400 wantedAt"),
      (bad { $0.couponCode = "FREE" }, "422 coupon_unknown"),
      (bad { $0.expectedTotal = Amount(units: 1) }, "409 price_changed"),
      (bad { $0.expectedTotal = Amount(units: 25001, scale: 3) }, "409 price_changed"),
      (
        bad {
          $0.fromCart = true; $0.items = []
        }, "422 cart_empty"
      ),
      (bad { $0.fromCart = true }, "400 items"),
      (bad { $0.items = [$0.items[0], WantedItem(menuItemId: catalog.otherDish, quantity: 1)] }, "422 item_unknown")
    ]
    for (request, expected) in cases {
      #expect(await bench.refusal(request, as: People.customer) == expected)
      #expect(try await bench.rowCounts() == before, "after \(expected)")
    }
    catalog.state.withLock { $0.isOpen = false }
    #expect(await bench.refusal(bench.request(), as: People.customer) == "422 restaurant_closed")
    catalog.state.withLock {
      $0.isOpen = true; $0.isGone = true
    }
    #expect(await bench.refusal(bench.request(), as: People.customer) == "422 item_unavailable")
    #expect(await bench.refusal(bench.request(), as: .anonymous) == "not_signed_in")
    #expect(try await bench.rowCounts() == before)
    #expect(bench.payments.calls == 1)
  }

  @Test func quantitiesAreBoundedBeforeAnythingElse() throws {
    for quantity in [0, -1, 100, 1_000_000_000] {
      let body =
        #"{"restaurantId":"\#(RestaurantID(high: 3, low: 1))","items":[{"menuItemId":"\#(MenuItemID(high: 4, low: 1))","quantity":\#(quantity)}],"#
        + #""fulfilment":"pickup","payment":{"method":"cash"}}"#
      #expect(throws: InvalidInput.self) { try decode(PlaceOrder.self, from: Array(body.utf8)) }
    }
  }
}
