import OrderingAPI
import Persistence
import ServiceKit
import TestKit
import Testing

@testable import Ordering

/// The process dies at every write of placing an order, before and after it reached the disk; then another one starts.
@Suite struct PlaceOrderCrashTests {
  @Test(arguments: ["tok_approve", "tok_decline"], [false, true])
  func everyCrashEndsWholeOrUndone(token: String, isLastKept: Bool) async throws {
    var crashes = 0
    for writes in 0..<20 {
      let disk = try await Bench.emptyDatabase()
      let dying = CrashingDatabase(disk, after: writes, isLastKept: isLastKept)
      let time = ManualTime()
      let payments = FakePayments()
      let first = try await Bench(store: dying, time: time, payments: payments, seed: 1)
      let request = first.request(token: token, key: "k")
      _ = await first.refusal(request, as: People.customer)
      guard dying.isDead else { break }
      crashes += 1

      await time.advance(by: .seconds(1))
      let second = try await Bench(store: disk, time: time, payments: payments, seed: 2)
      try await second.module.recover()
      let orders = try await second.ask(ListOrders(), as: People.customer).items
      let counts = try await second.rowCounts()
      #expect(counts["saga"] == 0, "at write \(writes)")
      #expect(counts["orders"] == orders.count, "a hidden order is left at write \(writes)")
      #expect(payments.held == orders.count, "holds and orders differ at write \(writes)")
      #expect(try await second.events().count == orders.count)
      #expect(orders.allSatisfy { $0.payment.status == .authorized })

      // The customer asks again with the same key, and gets one order or the refusal, never two orders.
      let again = await second.refusal(request, as: People.customer)
      #expect(again == (token == "tok_approve" ? nil : "422 payment_declined"))
      let wanted = token == "tok_approve" ? 1 : 0
      #expect(try await second.rowCounts()["orders"] == wanted)
      #expect(payments.held == wanted)
    }
    #expect(crashes >= 2)
  }
}
