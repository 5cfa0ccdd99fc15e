import Kernel
import TestKit
import Testing

@Suite struct KernelMoneyTests {
  static let currencies = ["JPY", "USD", "KWD"].map { Currency(code: $0)! }

  @Test(
    arguments: [
      (25, 2, "USD", 25), (1234, 3, "USD", nil), (12300, 4, "USD", 123), (12340, 4, "USD", nil), (1, 0, "JPY", 1), (10, 1, "JPY", 1),
      (15, 1, "JPY", nil), (1, 0, "KWD", 1000),
      (999_999_999_999_999_999, 0, "USD", nil), (-5, 2, "USD", -5)
    ] as [(Int, Int, String, Int?)])
  func amountsBecomeMoneyExactlyOrNotAtAll(_ units: Int, _ scale: Int, _ code: String, _ expected: Int?) throws {
    #expect(Money(Amount(units: units, scale: scale), try #require(Currency(code: code)))?.units == expected)
  }

  @Test(arguments: [(1, 1, 2, 0), (3, 1, 2, 2), (5, 1, 2, 2), (-1, 1, 2, 0), (-3, 1, 2, -2), (7, 1, 3, 2), (8, 1, 3, 3), (10, 8875, 100_000, 1)])
  func sharesRoundHalfToEven(_ units: Int, _ numerator: Int, _ denominator: Int, _ expected: Int) {
    #expect(roundedHalfToEven(units, times: numerator, over: denominator) == expected)
  }

  @Test func splitsAddUpAndStayWithinOneUnitOfTheirShare() {
    var generator = SeededGenerator(3)
    for _ in 0..<2000 {
      let units = Int.random(in: -1_000_000...1_000_000, using: &generator)
      var weights = (0..<Int.random(in: 1...12, using: &generator)).map { _ in Int.random(in: 0...1000, using: &generator) }
      weights[0] += 1
      let whole = weights.reduce(0, +)
      let parts = Money(units: units, .usd).split(by: weights)
      #expect(parts.reduce(0) { $0 + $1.units } == units)
      for (part, weight) in zip(parts, weights) { #expect(abs(part.units * whole - units * weight) < whole) }
    }
  }

  @Test func refundsByPercentLeaveExactlyTheRest() {
    var generator = SeededGenerator(5)
    for currency in Self.currencies {
      for _ in 0..<500 {
        let total = Money(units: Int.random(in: 0...10_000_000, using: &generator), currency)
        let given = refundShare(of: total, percent: Amount(units: Int.random(in: 0...1_000_000, using: &generator), scale: 4))
        #expect(0...total.units ~= given.units)
      }
      let total = Money(units: 999, currency)
      #expect(refundShare(of: total, percent: Amount(units: 100, scale: 0)) == total)
      #expect(refundShare(of: total, percent: Amount(units: 0, scale: 0)).units == 0)
    }
  }

  @Test func anyRunOfRefundsThatEndsWithTheWholeLeavesNothingOfAnyPart() {
    var generator = SeededGenerator(13)
    for currency in Self.currencies {
      for _ in 0..<300 {
        var left = (0..<5).map { _ in Money(units: Int.random(in: 0...100_000, using: &generator), currency) }
        let sale = left.reduce(Money.zero(currency)) { $0 + $1 }
        var given = Money.zero(currency)
        for step in 0..<4 {
          let rest = sale - given
          let refund = step == 3 ? rest : Money(units: Int.random(in: 0...rest.units, using: &generator), currency)
          let parts = refundShare(refund, over: left)
          #expect(parts.reduce(Money.zero(currency)) { $0 + $1 } == refund)
          left = zip(left, parts).map { $0 - $1 }
          #expect(left.allSatisfy { !$0.isNegative })
          given += refund
        }
        #expect((sale - given).units == 0)
        #expect(left.allSatisfy { $0.units == 0 })
      }
    }
  }
}
