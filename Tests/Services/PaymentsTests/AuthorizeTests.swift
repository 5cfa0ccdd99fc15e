import Kernel
import OrderingAPI
import PaymentsAPI
import ServiceKit
import TestKit
import Testing

@testable import Payments

struct AuthorizeTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func oneOrderIsOnePaymentAndOneHold(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let sale = Sale(bench.ids)
    let first = try await bench.authorize(sale)
    let second = try await bench.authorize(sale)
    #expect(first == second)
    #expect(first.status == .authorized)
    #expect(try await bench.openHolds() == 1)
    #expect(try await bench.events() == ["payment.authorized"])
    #expect(try await bench.balance(.customerHolds) == -2549)
    #expect(try await bench.ledger().transactionCount == 1)
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func aDeclinedCardLeavesNoHold(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let sale = Sale(bench.ids, token: "tok_decline")
    #expect(await bench.refusal(of: sale) == .declined)
    #expect(await bench.refusal(of: sale) == .declined)
    #expect(try await bench.openHolds() == 0)
    #expect(try await bench.events() == ["payment.failed"])
    #expect(try await bench.ledger().entryCount == 0)
  }

  @Test(arguments: ["tok_nonsense", nil])
  func anUnknownCardChangesNothing(token: String?) async throws {
    let bench = try await Bench()
    #expect(await bench.refusal(of: Sale(bench.ids, token: token)) == .methodUnknown)
    #expect(try await bench.count("SELECT COUNT(*) FROM payments_payments") == 0)
  }

  @Test func cashIsNotedAndNotHeld() async throws {
    let bench = try await Bench()
    let sale = Sale(bench.ids, method: .cash, token: nil)
    #expect(try await bench.authorize(sale).status == .initiated)
    #expect(try await bench.openHolds() == 0)
    #expect(try await bench.events() == ["payment.initiated"])
  }

  @Test func nothingToPayNeedsNoHold() async throws {
    let bench = try await Bench()
    let sale = Sale(bench.ids, .zero(.usd))
    #expect(try await bench.authorize(sale).status == .authorized)
    try await bench.hear(OrderDelivered(order: sale.notice(.delivered)))
    #expect(try await bench.payment(sale)?.status == .succeeded)
    #expect(try await bench.count("SELECT COUNT(*) FROM payments_sandbox_holds") == 0)
  }

  @Test func anAmountThatIsNoneIsTold() async throws {
    let bench = try await Bench()
    var wish = Sale(bench.ids).wish
    wish.amount = Amount(units: 12345, scale: 4)
    await #expect(throws: CallFailure<AuthorizePaymentRefusal>.self) { try await bench.board.callAsSystem(wish) }
    #expect(try await bench.count("SELECT COUNT(*) FROM payments_sandbox_holds") == 0)
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func noHoldFollowsAVoid(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let sale = Sale(bench.ids)
    try await bench.void(sale)
    #expect(await bench.refusal(of: sale) == .closed)
    #expect(try await bench.openHolds() == 0)
    #expect(try await bench.payment(sale) == nil)
    #expect(try await bench.events() == [])
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func aVoidGivesTheHoldUpOnce(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let sale = Sale(bench.ids)
    _ = try await bench.authorize(sale)
    try await bench.void(sale)
    try await bench.void(sale)
    #expect(try await bench.openHolds() == 0)
    #expect(try await bench.events() == ["payment.authorized", "payment.voided"])
    #expect(try await bench.balance(.customerHolds) == 0)
    #expect(await bench.refusal(of: sale) == .closed)
  }

  /// Asks for a hold of a card that does not answer, until the limit has passed.
  private func meetSilence(_ bench: Bench, _ sale: Sale) async throws {
    async let refusal = bench.refusal(of: sale)
    try await eventually { bench.time.sleeping >= 2 }
    await bench.time.advance(by: .seconds(4))
    #expect(await refusal == .unanswered)
  }

  @Test(arguments: ["tok_timeout", "tok_late"], [true, false])
  func silenceLeavesNoHoldBehind(token: String, isUndone: Bool) async throws {
    let bench = try await Bench()
    let sale = Sale(bench.ids, token: token)
    try await meetSilence(bench, sale)
    #expect(try await bench.payment(sale)?.status == .initiated)
    if isUndone { try await bench.void(sale) }
    await bench.time.advance(by: .seconds(1200))
    #expect(try await bench.openHolds() == (isUndone && token == "tok_timeout" ? 0 : 1))
    try await bench.run("payments.reconcile")
    #expect(try await bench.openHolds() == 0)
    #expect(try await bench.payment(sale)?.status == (isUndone ? .voided : .failed))
    #expect(try await bench.ledger().entryCount == 0)
  }

  @Test func aProviderThatIsSilentAgainAndAgainIsNotAsked() async throws {
    let bench = try await Bench()
    for _ in 0..<5 { try await meetSilence(bench, Sale(bench.ids, token: "tok_timeout")) }
    // The breaker is open: the answer comes at once, though the card would answer.
    let sale = Sale(bench.ids)
    #expect(await bench.refusal(of: sale) == .unanswered)
    #expect(try await bench.count("SELECT COUNT(*) FROM payments_sandbox_holds") == 5)
    await bench.time.advance(by: .seconds(31))
    #expect(try await bench.authorize(sale).status == .authorized)
  }

  @Test func aHoldThatNobodyCameForIsGivenBackAndItsOrderClosed() async throws {
    let bench = try await Bench()
    let sale = Sale(bench.ids)
    // The process died after the provider's answer and before its own write.
    _ = try await bench.sandbox.authorize(
      HoldWish(key: Payment.holdKey(sale.id, sale.total), order: sale.id, cardToken: "tok_approve", money: sale.total))
    try await bench.run("payments.reconcile")
    #expect(try await bench.openHolds() == 1, "its order may still be on its way")
    await bench.time.advance(by: .seconds(601))
    try await bench.run("payments.reconcile")
    #expect(try await bench.openHolds() == 0)
    #expect(await bench.refusal(of: sale) == .closed)
  }

  @Test func holdsThatCountStay() async throws {
    let bench = try await Bench()
    for _ in 0..<5 { _ = try await bench.authorize(Sale(bench.ids)) }
    await bench.time.advance(by: .seconds(6000))
    try await bench.run("payments.reconcile")
    #expect(try await bench.openHolds() == 5)
  }

  @Test func anAnswerThatComesTwiceIsOneHold() async throws {
    let bench = try await Bench()
    let sale = Sale(bench.ids, token: "tok_twice")
    _ = try await bench.authorize(sale)
    #expect(try await bench.count("SELECT COUNT(*) FROM payments_sandbox_notices") == 2)
    try await bench.run("payments.notices")
    #expect(try await bench.count("SELECT COUNT(*) FROM payments_sandbox_notices") == 0)
    #expect(try await bench.events() == ["payment.authorized"])
    #expect(try await bench.openHolds() == 1)
  }
}
