import DeliveryAPI
import Foundation
import Kernel

/// One delivery that was paid.
struct EarnedDelivery: Hashable, Sendable {
  var at: Instant
  var way: Money
  var tip: Money
}

/// Sums what was earned by the days and weeks of a zone.
struct EarningDays {
  let zone: TimeZone

  /// The civil day, counted from 1970-01-01, on which a moment lies in the zone.
  func day(of instant: Instant) -> Int {
    let seconds = instant.milliseconds / 1000
    let local = seconds + zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
    return local >= 0 ? local / 86_400 : -((-local + 86_399) / 86_400)
  }

  /// 1970-01-01 was a Thursday, so day -3 was a Monday.
  func monday(of day: Int) -> Int { day - ((day + 3) % 7 + 7) % 7 }

  /// `2026-11-21` for the day counted from 1970-01-01.
  static func text(_ day: Int) -> String { String(Instant(milliseconds: day * 86_400_000).description.prefix(10)) }

  func sums(_ all: [EarnedDelivery], from: Instant, to: Instant) -> Earnings {
    Earnings(
      from: from, to: to, totals: sums(all) { _ in nil }, days: sums(all) { day(of: $0) }, weeks: sums(all) { monday(of: day(of: $0)) })
  }

  private func sums(_ all: [EarnedDelivery], by start: (Instant) -> Int?) -> [EarningsSum] {
    struct Key: Hashable { var start: Int?, currency: Currency }
    var sums: [Key: (count: Int, way: Money, tip: Money)] = [:]
    for one in all {
      let currency = one.way.currency
      var sum = sums[Key(start: start(one.at), currency: currency)] ?? (0, .zero(currency), .zero(currency))
      sum.count += 1
      sum.way += one.way
      sum.tip += one.tip
      sums[Key(start: start(one.at), currency: currency)] = sum
    }
    return sums.sorted { ($0.key.start ?? 0, $0.key.currency.code) < ($1.key.start ?? 0, $1.key.currency.code) }.map { key, sum in
      EarningsSum(
        starts: key.start.map(Self.text), currency: key.currency, deliveries: sum.count, pay: sum.way.amount, tips: sum.tip.amount,
        total: (sum.way + sum.tip).amount)
    }
  }
}
