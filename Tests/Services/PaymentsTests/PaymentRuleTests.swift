import Kernel
import OrderingAPI
import PaymentsAPI
import ServiceKit
import Testing

@testable import Payments

struct PaymentRuleTests {
  private static func payment(_ method: PaymentMethod, _ status: PaymentStatus, captured: Int = 0, refunded: Int = 0) -> Payment {
    let start = Instant(milliseconds: 0)
    return Payment(
      id: PaymentID(high: 1, low: 1), order: OrderID(high: 2, low: 2), tenant: TenantID(high: 3, low: 3), customer: UserID(high: 4, low: 4),
      method: method, status: status, amount: Money(units: 1000, .usd), captured: Money(units: captured, .usd),
      refunded: Money(units: refunded, .usd), createdAt: start, updatedAt: start)
  }

  private static func usd(_ units: Int) -> Money { Money(units: units, .usd) }

  @Test(arguments: [
    (payment(.cash, .initiated), Payment.Settlement.takeCash), (payment(.card, .initiated), .notYet),
    (payment(.card, .authorized), .capture(usd(1000))), (payment(.card, .succeeded, captured: 1000), .nothing),
    (payment(.card, .voided), .nothing), (payment(.card, .failed), .nothing), (payment(.card, .refunded, captured: 1000, refunded: 1000), .nothing)
  ])
  func handOver(payment: Payment, settlement: Payment.Settlement) { #expect(payment.settlement == settlement) }

  @Test(arguments: [
    (payment(.cash, .initiated), 1000, Payment.Ending.void), (payment(.cash, .initiated), 300, .void), (payment(.card, .initiated), 1000, .void),
    (payment(.card, .authorized), 1000, .void), (payment(.card, .authorized), 5000, .void), (payment(.card, .authorized), 300, .capture(usd(700))),
    (payment(.card, .authorized), 0, .capture(usd(1000))), (payment(.card, .succeeded, captured: 1000), 1000, .refund(usd(1000))),
    (payment(.card, .succeeded, captured: 1000), 300, .refund(usd(300))),
    // The same ending a second time: the part is taken already, or given back already.
    (payment(.card, .succeeded, captured: 700), 300, .nothing), (payment(.card, .succeeded, captured: 1000, refunded: 300), 300, .nothing),
    // Staff gave a part back before.
    (payment(.card, .succeeded, captured: 1000, refunded: 200), 1000, .refund(usd(800))), (payment(.card, .voided), 1000, .nothing),
    (payment(.card, .failed), 1000, .nothing), (payment(.card, .refunded, captured: 1000, refunded: 1000), 1000, .nothing)
  ])
  func endingEarly(payment: Payment, refund: Int, ending: Payment.Ending) {
    #expect(payment.ending(refund: Money(units: refund, .usd)) == ending)
    if refund == 1000 { #expect(payment.ending(refund: nil) == ending) }
  }

  @Test(arguments: [
    (PaymentRecord?.none, HoldReview.closeAndVoid), (.closed, .void), (.payment(payment(.card, .authorized)), .keep),
    (.payment(payment(.card, .succeeded)), .keep), (.payment(payment(.card, .refunded)), .keep), (.payment(payment(.card, .voided)), .void),
    (.payment(payment(.card, .failed)), .void), (.payment(payment(.card, .initiated)), .failAndVoid)
  ])
  func oldHolds(record: PaymentRecord?, review: HoldReview) { #expect(HoldReview(record: record) == review) }
}
