import Kernel
import OrderingAPI
import PaymentsAPI
import ServiceKit
import TestKit
import Testing

@testable import Payments

/// Whatever happens in whatever order, twice and with crashes in between: the money adds up in the end.
struct MoneyPropertyTests {
  private enum Step {
    case authorize, void, deliver
    case cancel(refund: Int?)
    case refund(units: Int, key: String)
  }

  private static func step(_ random: inout SeededGenerator, _ total: Int) -> Step {
    switch random.next() % 10 {
    case 0...3: .authorize
    case 4: .void
    case 5, 6: .deliver
    case 7: .cancel(refund: random.next() % 2 == 0 ? nil : Int(random.next() % UInt64(total + 1)))
    default: .refund(units: Int(random.next() % UInt64(total)) + 1, key: "key\(random.next() % 4)")
    }
  }

  private static func perform(_ step: Step, _ sale: Sale, _ cashier: Cashier) async throws {
    switch step {
    case .authorize: _ = try await AuthorizePaymentHandler(cashier: cashier).answer(sale.wish)
    case .void: _ = try await VoidPaymentHandler(cashier: cashier).answer(VoidPayment(orderId: sale.id, reason: "undone"))
    case .deliver: try await cashier.settle(sale.id)
    case .cancel(let refund): try await cashier.end(sale.id, refund: refund.map { Money(units: $0, sale.total.currency) }, reason: "cancelled")
    case .refund(let units, let key):
      guard case .payment(let payment) = try await cashier.record(of: sale.id) else { return }
      let wish = RefundPayment(paymentId: payment.id, amount: Money(units: units, sale.total.currency).amount, reason: "r", idempotencyKey: key)
      _ = try await Caller.$current.withValue(.system) { try await RefundPaymentHandler(cashier: cashier).answer(wish) }
    }
  }

  @Test(arguments: 1...60)
  func itAddsUp(seed: Int) async throws {
    let bench = try await Bench(seed: UInt64(seed))
    let faults = Faults(seed: UInt64(seed) &* 7919)
    let cashier = bench.cashier(
      FaultyProvider(provider: bench.sandbox, faults: faults), on: FaultyDatabase(database: bench.database, faults: faults))
    let reconciler = Reconciler(cashier: cashier, grace: .seconds(600))
    var random = SeededGenerator(UInt64(seed))
    let currencies = [Currency.usd, Currency(code: "JPY")!, Currency(code: "KWD")!]
    let tokens = ["tok_approve", "tok_approve", "tok_decline", "tok_capture_fail", "tok_twice"]
    let sales = (0..<6).map { index in
      Sale(
        bench.ids, method: index == 5 ? .cash : .card, token: tokens[index % 5],
        Money(units: Int(random.next() % 9000) + 1, currencies[index % 3]))
    }
    var unfinished: [(Step, Sale)] = []
    for _ in 0..<80 {
      let sale = sales[Int(random.next() % 6)]
      let step = Self.step(&random, sale.total.units)
      do { try await Self.perform(step, sale, cashier) } catch is Unavailable {
        // Events and compensations come again until they are heard; requests do not.
        switch step {
        case .deliver, .cancel, .void: unfinished.append((step, sale))
        case .authorize, .refund: break
        }
      } catch {}
      if random.next() % 16 == 0 { await bench.time.advance(by: .seconds(Int(random.next() % 900))) }
      if random.next() % 16 == 0 { try? await reconciler.run() }
    }
    faults.heal()
    for (step, sale) in unfinished { try? await Self.perform(step, sale, cashier) }
    await bench.time.advance(by: .seconds(601))
    for _ in 0..<2 { try await reconciler.run() }
    for (step, sale) in unfinished { do { try await Self.perform(step, sale, cashier) } catch is MissingPayment {} }
    try await reconciler.run()
    try await check(bench, sales)
  }

  private func check(_ bench: Bench, _ sales: [Sale]) async throws {
    let ledger = try await bench.ledger()
    #expect(ledger.isBalanced)
    var payments: [Payment] = []
    for sale in sales { if let payment = try await bench.payment(sale) { payments.append(payment) } }
    for currency in Set(sales.map(\.total.currency)) {
      let own = payments.filter { $0.amount.currency == currency }
      let held = own.filter { $0.status == .authorized && $0.isHeldByProvider }.reduce(0) { $0 + $1.amount.units }
      #expect(try await bench.balance(.customerHolds, currency) == -held)
      #expect(try await bench.balance(.providerHolds, currency) == held)
      #expect(try await bench.balance(.restaurantPayable, currency) == -own.reduce(0) { $0 + $1.captured.units - $1.refunded.units })
    }
    #expect(try await bench.openHolds() == payments.count { $0.status == .authorized && $0.isHeldByProvider })
    #expect(try await bench.count("SELECT COUNT(*) FROM payments_refunds WHERE status = 'pending'") == 0)
    for payment in payments where payment.method == .card {
      let atProvider = try await bench.database.read {
        try $0.first("SELECT captured, refunded FROM payments_sandbox_holds WHERE key = ?", .text(payment.holdKey)) { [$0.integer(0), $0.integer(1)] }
      }
      #expect(atProvider ?? [0, 0] == [payment.captured.units, payment.refunded.units])
    }
    let captures = try await bench.database.read {
      try $0.all("SELECT COUNT(DISTINCT transaction_id) FROM payments_ledger WHERE kind IN ('capture', 'cash') GROUP BY payment_id") { $0.integer(0) }
    }
    #expect(captures.allSatisfy { $0 == 1 })
    #expect(try await bench.events().count { $0 == "payment.succeeded" } == payments.count { $0.status == .succeeded || $0.status == .refunded })
  }
}
