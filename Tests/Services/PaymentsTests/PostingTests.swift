import Kernel
import OrderingAPI
import PaymentsAPI
import Testing

@testable import Payments

struct PostingTests {
  private static let currencies = [Currency.usd, Currency(code: "JPY")!, Currency(code: "KWD")!]

  @Test(arguments: currencies, [1, 7, 2549, 1_000_000_007])
  func everyPostingIsInBalance(currency: Currency, units: Int) {
    let money = Money(units: units, currency)
    let held = Money(units: units + 3, currency)
    let postings = [
      Posting.hold(money), .void(money), .capture(money, ofHeld: held), .cash(money), .refund(money, paidBy: .card, number: 1),
      .refund(money, paidBy: .cash, number: 2)
    ]
    for posting in postings {
      #expect(posting.entries.reduce(0) { $0 + $1.debit - $1.credit } == 0, "\(posting.name)")
      #expect(posting.entries.allSatisfy { ($0.debit > 0) != ($0.credit > 0) })
    }
    #expect(Set(postings.map(\.name)).count == postings.count)
  }

  @Test(arguments: currencies)
  func aSaleAndItsWholeRefundLeaveNothing(currency: Currency) {
    let money = Money(units: 1_999, currency)
    let parts = money.split(by: [1, 1, 1])
    let refunds = parts.enumerated().map { Posting.refund($1, paidBy: .card, number: $0 + 1) }
    var balances: [LedgerAccount: Int] = [:]
    for posting in [Posting.hold(money), .capture(money, ofHeld: money)] + refunds {
      for entry in posting.entries { balances[entry.account, default: 0] += entry.debit - entry.credit }
    }
    #expect(balances.values.allSatisfy { $0 == 0 })
    #expect(balances.count == 4)
  }
}
