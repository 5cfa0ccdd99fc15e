import Kernel
import OrderingAPI
import PaymentsAPI
import ServiceKit
import TestKit
import Testing

@testable import Payments

struct RefundTests {
  private func captured(_ bench: Bench, _ total: Money = Money(units: 2549, .usd), method: PaymentMethod = .card) async throws -> (Sale, PaymentID) {
    let sale = Sale(bench.ids, method: method, total)
    let id = try await bench.authorize(sale).paymentId
    try await bench.hear(OrderDelivered(order: sale.notice(.delivered)))
    return (sale, id)
  }

  private func refusal(_ bench: Bench, _ refund: RefundPayment, as caller: Caller) async -> RefundPaymentRefusal? {
    await Caller.$current.withValue(caller) {
      do throws(CallFailure<RefundPaymentRefusal>) {
        _ = try await bench.board.call(refund)
        return nil
      } catch {
        guard case .refused(let refusal) = error else { return nil }
        return refusal
      }
    }
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func aKeyIsOneRefund(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let (sale, id) = try await captured(bench)
    let owner = Caller(user: bench.ids.next(), tenant: sale.tenant, roles: [.owner])
    let refund = RefundPayment(paymentId: id, amount: Amount(units: 500), reason: "cold", idempotencyKey: "a")
    let remarks = ReplyRemarks()
    let (first, second) = try await Caller.$current.withValue(owner) {
      (try await bench.board.call(refund), try await CallContext.$remarks.withValue(remarks) { try await bench.board.call(refund) })
    }
    #expect(first.id == second.id)
    #expect(second.status == .done)
    #expect(remarks.isReplay)
    #expect(try await bench.payment(sale)?.refunded.units == 500)
    #expect(try await bench.payment(sale)?.status == .succeeded)
    var other = refund
    other.amount = Amount(units: 501)
    #expect(await self.refusal(bench, other, as: owner) == .idempotencyConflict)
    #expect(try await bench.events().filter { $0 == "payment.refunded" }.count == 1)
  }

  @Test func neverMoreThanWasTaken() async throws {
    let bench = try await Bench()
    let (sale, id) = try await captured(bench)
    let results = await withTaskGroup(of: Bool.self) { group in
      for index in 0..<8 {
        group.addTask {
          (try? await bench.asAdmin(RefundPayment(paymentId: id, amount: Amount(units: 1000), reason: "r", idempotencyKey: "k\(index)"))) != nil
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(results == 2)
    #expect(try await bench.payment(sale)?.refunded.units == 2000)
    _ = try await bench.asAdmin(RefundPayment(paymentId: id, reason: "the rest", idempotencyKey: "rest"))
    #expect(try await bench.payment(sale)?.status == .refunded)
    let admin = Caller(user: bench.ids.next(), roles: [.admin])
    #expect(await refusal(bench, RefundPayment(paymentId: id, reason: "more", idempotencyKey: "more"), as: admin) == .exceedsCaptured)
    #expect(try await bench.count("SELECT refunded FROM payments_sandbox_holds") == 2549)
  }

  @Test(arguments: [Money(units: 2549, .usd), Money(units: 1000, Currency(code: "JPY")!), Money(units: 12_345, Currency(code: "KWD")!)])
  func saleAndWholeRefundAreZero(total: Money) async throws {
    let bench = try await Bench()
    let (_, id) = try await captured(bench, total)
    for (index, part) in total.split(by: [1, 2, 4]).enumerated() {
      _ = try await bench.asAdmin(RefundPayment(paymentId: id, amount: part.amount, reason: "part", idempotencyKey: "\(index)"))
    }
    let ledger = try await bench.ledger()
    #expect(ledger.isBalanced)
    #expect(ledger.balances.count == 4)
    #expect(ledger.balances.allSatisfy { $0.balance.units == 0 })
    #expect(ledger.totals.map(\.currency) == [total.currency])
  }

  @Test func onlyThoseWhomItConcerns() async throws {
    let bench = try await Bench()
    let (sale, id) = try await captured(bench)
    let refund = RefundPayment(paymentId: id, reason: "r", idempotencyKey: "k")
    let stranger = Caller(user: bench.ids.next(), tenant: bench.ids.next(), roles: [.owner])
    #expect(await refusal(bench, refund, as: stranger) == .paymentUnknown)
    for caller in [
      Caller.anonymous, Caller(user: sale.customer, roles: [.customer]), Caller(user: bench.ids.next(), tenant: sale.tenant, roles: [.waiter])
    ] {
      await Caller.$current.withValue(caller) {
        await #expect(throws: CallFailure<RefundPaymentRefusal>.self) { try await bench.board.call(refund) }
      }
    }
    let held = Sale(bench.ids)
    let heldID = try await bench.authorize(held).paymentId
    let owner = Caller(user: bench.ids.next(), tenant: held.tenant, roles: [.manager])
    #expect(await refusal(bench, RefundPayment(paymentId: heldID, reason: "r", idempotencyKey: "k"), as: owner) == .notCaptured)
    #expect(try await bench.count("SELECT COUNT(*) FROM payments_refunds") == 0)
  }

  @Test(arguments: ["0", "-1", "1.001"])
  func anAmountThatIsNoneIsTold(amount: String) async throws {
    let bench = try await Bench()
    let (_, id) = try await captured(bench)
    var text = amount
    let parsed = text.withUTF8 { Amount(utf8: $0) }
    do {
      _ = try await bench.asAdmin(RefundPayment(paymentId: id, amount: parsed, reason: "r", idempotencyKey: "k"))
      Issue.record("was taken")
    } catch let failure as CallFailure<RefundPaymentRefusal> {
      guard case .invalid(let faults) = failure else {
        Issue.record("\(failure)")
        return
      }
      #expect(faults.all.map(\.path) == ["amount"])
    }
  }

  @Test func everyoneSeesTheirOwn() async throws {
    let bench = try await Bench()
    var sales: [Sale] = []
    for _ in 0..<3 { sales.append(try await captured(bench).0) }
    func seen(_ caller: Caller, _ order: OrderID? = nil) async throws -> [OrderID] {
      try await Caller.$current.withValue(caller) { try await bench.board.call(ListPayments(orderId: order)).items.map(\.orderId) }
    }
    #expect(try await seen(Caller(user: sales[0].customer, roles: [.customer])) == [sales[0].id])
    #expect(try await seen(Caller(user: sales[0].customer, roles: [.customer]), sales[1].id) == [])
    #expect(try await seen(Caller(user: bench.ids.next(), tenant: sales[1].tenant, roles: [.waiter])) == [sales[1].id])
    #expect(try await seen(Caller(user: bench.ids.next(), roles: [.admin])) == sales.reversed().map(\.id))
    let first = try await bench.asAdmin(ListAllPayments(limit: 2))
    #expect(first.items.map(\.orderId) == [sales[2].id, sales[1].id])
    #expect(first.items.allSatisfy { $0.captures == 1 && $0.refunds == 0 && $0.movements.map(\.kind) == [.hold, .capture] })
    let second = try await bench.asAdmin(ListAllPayments(cursor: first.nextCursor.flatMap { PaymentID($0) }, limit: 2))
    #expect(second.items.map(\.orderId) == [sales[0].id])
    #expect(second.nextCursor == nil)
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func aPaymentIsHiddenFromStrangers(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let (sale, id) = try await captured(bench)
    func sees(_ caller: Caller) async -> Bool {
      await Caller.$current.withValue(caller) { (try? await bench.board.call(ReadPayment(paymentId: id)))?.id == id }
    }
    #expect(await sees(Caller(user: sale.customer, roles: [.customer])))
    #expect(await sees(Caller(user: bench.ids.next(), tenant: sale.tenant, roles: [.waiter])))
    #expect(await sees(Caller(user: bench.ids.next(), roles: [.admin])))
    #expect(await !sees(.anonymous))
    #expect(await !sees(Caller(user: bench.ids.next(), roles: [.customer])))
    #expect(await !sees(Caller(user: bench.ids.next(), tenant: bench.ids.next(), roles: [.owner])))
    for caller in [Caller.anonymous, Caller(user: sale.customer, tenant: sale.tenant, roles: [.customer, .owner])] {
      await Caller.$current.withValue(caller) {
        await #expect(throws: CallFailure<Never>.self) { try await bench.board.call(ReadLedger()) }
        await #expect(throws: CallFailure<Never>.self) { try await bench.board.call(ListAllPayments()) }
        await #expect(throws: CallFailure<Never>.self) { try await bench.board.call(VoidPayment(orderId: sale.id, reason: "mine")) }
        await #expect(throws: CallFailure<AuthorizePaymentRefusal>.self) { try await bench.board.call(Sale(bench.ids).wish) }
      }
    }
    #expect(try await bench.payment(sale)?.status == .succeeded)
  }
}
