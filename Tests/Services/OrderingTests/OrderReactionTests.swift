import DeliveryAPI
import Kernel
import OrderingAPI
import PaymentsAPI
import ServiceKit
import Testing

@testable import Ordering

@Suite struct OrderReactionTests {
  @Test func orderFollowsItsCourier() async throws {
    let bench = try await Bench()
    let order = try await bench.ask(bench.request(), as: People.customer)
    try await bench.advance(order.id, .confirmed, .preparing, .readyForPickup)
    let pickedUp = bench.delivery(order, .pickedUp)
    let delivered = bench.delivery(order, .delivered)
    for event in [bench.delivery(order, .assigned), pickedUp, pickedUp, bench.delivery(order, .arrivedAtCustomer), delivered, pickedUp, delivered] {
      try await bench.tell(event)
    }
    let end = try await bench.ask(GetOrder(orderId: order.id), as: People.customer)
    #expect(end.history.map(\.status) == [.pending, .confirmed, .preparing, .readyForPickup, .outForDelivery, .delivered])
    #expect(end.history.last?.by == .courier && end.history.last?.byUserId == People.courierID)
    let events = try await bench.events()
    #expect(events.count { $0 == "order.picked_up" } == 1 && events.count { $0 == "order.delivered" } == 1)
  }

  @Test func kitchenThatSaidNothingIsCaughtUpWith() async throws {
    let bench = try await Bench()
    let order = try await bench.ask(bench.request(), as: People.customer)
    try await bench.advance(order.id, .confirmed)
    try await bench.tell(bench.delivery(order, .delivered))
    try await bench.tell(bench.delivery(order, .pickedUp))
    let end = try await bench.ask(GetOrder(orderId: order.id), as: People.customer)
    #expect(end.history.map(\.status) == [.pending, .confirmed, .preparing, .readyForPickup, .outForDelivery, .delivered])
    #expect(end.version == 6)
    let versions = try await bench.envelopes("order.status_changed").map { try $0.event(as: OrderStatusChanged.self).order }
    #expect(versions.map(\.version) == [2, 3, 4, 5, 6])
    #expect(versions.map(\.status) == [.confirmed, .preparing, .readyForPickup, .outForDelivery, .delivered])
  }

  @Test func failedDeliveryGivesEverythingBackOnceTheFoodIsGone() async throws {
    let bench = try await Bench()
    let order = try await bench.ask(bench.request(), as: People.customer)
    try await bench.advance(order.id, .confirmed, .preparing, .readyForPickup)
    try await bench.tell(bench.delivery(order, .failed, reason: "flat tyre"))
    let waiting = try await bench.ask(GetOrder(orderId: order.id), as: People.customer)
    #expect(waiting.status == .readyForPickup && waiting.history.last?.reason == "delivery_failed: flat tyre")
    try await bench.tell(bench.delivery(order, .pickedUp))
    try await bench.tell(bench.delivery(order, .failed, reason: "nobody home"))
    try await bench.tell(bench.delivery(order, .failed, reason: "nobody home"))
    let end = try await bench.ask(GetOrder(orderId: order.id), as: People.customer)
    #expect(end.status == .cancelled && end.refund == end.total)
    #expect(try await bench.events().count { $0 == "order.cancelled" } == 1)
  }

  @Test func courierIsShownAndMayFollow() async throws {
    let bench = try await Bench()
    let order = try await bench.ask(bench.request(), as: People.customer)
    try await bench.advance(order.id, .confirmed)
    let assigned = RiderAssigned(delivery: bench.delivery(order, .assigned).delivery, partnerName: "Ada")
    try await bench.tell(assigned)
    try await bench.tell(assigned)
    let seen = try await bench.ask(GetOrder(orderId: order.id), as: People.courier)
    #expect(seen.deliveryPartner == OrderPartner(partnerId: People.courierID, name: "Ada"))
    #expect(seen.version == 3)
    // Seeing it is not moving it: that goes by the steps of the delivery.
    #expect(await bench.refusal(UpdateOrderStatus(orderId: order.id, status: .delivered), as: People.courier) == "403 transition_forbidden")
    #expect(await bench.refusal(CancelOrder(orderId: order.id), as: People.courier) == "403 transition_forbidden")
  }

  @Test func paymentNeverGoesBack() async throws {
    let bench = try await Bench()
    let order = try await bench.ask(bench.request(), as: People.customer)
    func notice(_ status: PaymentStatus) -> PaymentNotice {
      PaymentNotice(
        paymentId: Identifier(high: 5, low: 5), orderId: order.id, tenantId: order.tenantId, customerId: order.customerId, method: .card,
        status: status, currency: .usd, amount: order.total)
    }
    func status() async throws -> OrderPaymentStatus { try await bench.ask(GetOrder(orderId: order.id), as: People.customer).payment.status }
    try await bench.tell(PaymentSucceeded(payment: notice(.succeeded)))
    #expect(try await status() == .succeeded)
    try await bench.tell(PaymentRefunded(payment: notice(.succeeded)))  // A part was given back.
    #expect(try await status() == .succeeded)
    try await bench.tell(PaymentRefunded(payment: notice(.refunded)))
    try await bench.tell(PaymentSucceeded(payment: notice(.succeeded)))
    #expect(try await status() == .refunded)
    #expect(try await bench.ask(GetOrder(orderId: order.id), as: People.customer).version == 3)
  }
}
