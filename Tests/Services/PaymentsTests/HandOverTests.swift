import Kernel
import OrderingAPI
import PaymentsAPI
import ServiceKit
import TestKit
import Testing

@testable import Payments

struct HandOverTests {
  @Test func anOrderDeliveredTwiceIsCapturedOnce() async throws {
    let bench = try await Bench()
    let sale = Sale(bench.ids)
    _ = try await bench.authorize(sale)
    try await bench.hear(OrderDelivered(order: sale.notice(.delivered)), times: 3)
    #expect(try await bench.payment(sale)?.captured == sale.total)
    #expect(try await bench.events() == ["payment.authorized", "payment.succeeded"])
    #expect(try await bench.balance(.restaurantPayable) == -2549)
    #expect(try await bench.balance(.providerClearing) == 2549)
    #expect(try await bench.balance(.customerHolds) == 0)
    #expect(try await bench.openHolds() == 0)
  }

  @Test func cashIsTakenOnce() async throws {
    let bench = try await Bench()
    let sale = Sale(bench.ids, method: .cash, token: nil)
    _ = try await bench.authorize(sale)
    try await bench.hear(OrderCompleted(order: sale.notice(.completed)), times: 2)
    #expect(try await bench.payment(sale)?.status == .succeeded)
    #expect(try await bench.balance(.cashInHand) == 2549)
    #expect(try await bench.events() == ["payment.initiated", "payment.succeeded"])
  }

  @Test func aCaptureThatFailsOnceIsDoneTheNextTime() async throws {
    let bench = try await Bench()
    let sale = Sale(bench.ids, token: "tok_capture_fail")
    _ = try await bench.authorize(sale)
    let cashier = bench.cashier()
    await #expect(throws: Unavailable.self) { try await cashier.settle(sale.id) }
    #expect(try await bench.payment(sale)?.status == .authorized)
    try await cashier.settle(sale.id)
    #expect(try await bench.payment(sale)?.status == .succeeded)
    #expect(try await bench.ledger().isBalanced)
  }

  @Test func anOrderWithoutPaymentIsTold() async throws {
    let bench = try await Bench()
    await #expect(throws: MissingPayment.self) { try await bench.hear(OrderDelivered(order: Sale(bench.ids).notice(.delivered))) }
  }

  @Test func aHoldThatIsGoneFailsThePayment() async throws {
    let bench = try await Bench()
    let sale = Sale(bench.ids)
    _ = try await bench.authorize(sale)
    try await bench.sandbox.void(hold: Payment.holdKey(sale.id, sale.total))
    try await bench.hear(OrderDelivered(order: sale.notice(.delivered)), times: 2)
    #expect(try await bench.payment(sale)?.status == .failed)
    #expect(try await bench.events() == ["payment.authorized", "payment.failed"])
    #expect(try await bench.balance(.customerHolds) == 0)
  }

  @Test(arguments: [nil, 2549])
  func aRejectedOrderGivesTheHoldUp(refund: Int?) async throws {
    let bench = try await Bench()
    let sale = Sale(bench.ids)
    _ = try await bench.authorize(sale)
    try await bench.hear(OrderRejected(order: sale.notice(.rejected, refund: refund)), times: 2)
    #expect(try await bench.payment(sale)?.status == .voided)
    #expect(try await bench.openHolds() == 0)
    #expect(try await bench.events() == ["payment.authorized", "payment.voided"])
  }

  @Test func aPartIsKeptOfAnOrderCancelledLate() async throws {
    let bench = try await Bench()
    let sale = Sale(bench.ids)
    _ = try await bench.authorize(sale)
    try await bench.hear(OrderCancelled(order: sale.notice(.cancelled, refund: 2000)), times: 3)
    let payment = try await bench.payment(sale)
    #expect(payment?.captured.units == 549)
    #expect(payment?.refunded.units == 0)
    #expect(try await bench.balance(.restaurantPayable) == -549)
    #expect(try await bench.balance(.customerHolds) == 0)
    #expect(try await bench.ledger().isBalanced)
  }

  @Test(arguments: [PaymentMethod.card, .cash])
  func whatWasTakenIsGivenBack(method: PaymentMethod) async throws {
    let bench = try await Bench()
    let sale = Sale(bench.ids, method: method)
    _ = try await bench.authorize(sale)
    try await bench.hear(OrderDelivered(order: sale.notice(.delivered)))
    try await bench.hear(OrderCancelled(order: sale.notice(.cancelled, refund: 2549)), times: 2)
    #expect(try await bench.payment(sale)?.status == .refunded)
    #expect(try await bench.ledger().balances.allSatisfy { $0.balance.units == 0 })
    #expect(try await bench.count("SELECT COUNT(*) FROM payments_refunds") == 1)
  }

  @Test func aCancellationThatComesBeforeTheWishClosesTheOrder() async throws {
    let bench = try await Bench()
    let sale = Sale(bench.ids)
    try await bench.hear(OrderCancelled(order: sale.notice(.cancelled)))
    #expect(await bench.refusal(of: sale) == .closed)
    #expect(try await bench.openHolds() == 0)
  }

  @Test func aDeliveryThatComesAfterTheCancellationTakesNothing() async throws {
    let bench = try await Bench()
    let sale = Sale(bench.ids)
    _ = try await bench.authorize(sale)
    try await bench.hear(OrderCancelled(order: sale.notice(.cancelled)))
    try await bench.hear(OrderDelivered(order: sale.notice(.delivered)))
    #expect(try await bench.payment(sale)?.status == .voided)
    #expect(try await bench.balance(.restaurantPayable) == 0)
  }
}
