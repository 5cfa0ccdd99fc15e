import DeliveryAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// `/courier/earnings`: today, this week, and the weeks before, with tips apart.
enum EarningsPage {
  private static let weeks = 8

  static func show(_ request: PageRequest) async throws -> WebResponse {
    guard let partner = try await CourierFrame.partner(request) else { return request.redirect(to: "/courier") }
    let zone = CourierFrame.zone(request)
    let today = today(request, zone)
    let monday = today + -(today.weekday)
    // From the first minute of a Monday, so that no week is shown in part.
    let first = zone.instants(of: LocalTime((monday + -7 * (weeks - 1)).dayNumber * 86_400_000)).first
    let earnings = try await request.call(ListEarnings(from: first, timeZone: zone.name))
    var fields = CourierFrame.fields(partner, .earnings, request)
    fields["zone"] = zone.name
    fields["today"] = sum(earnings.days.filter { $0.starts == today.description }, request)
    fields["week"] = sum(earnings.weeks.filter { $0.starts == monday.description }, request)
    fields["days"] = rows(earnings.days.filter { ($0.starts ?? "") > (today + -14).description }, request) { day in
      day == today ? request.texts["courier.earnings.today"] : request.formats.day(noon(day), in: "UTC")
    }
    fields["weeks"] = rows(earnings.weeks, request) { start in
      request.texts(
        "courier.earnings.weekOf", ["from": request.formats.day(noon(start), in: "UTC"), "to": request.formats.day(noon(start + 6), in: "UTC")])
    }
    return try request.page("courier/earnings", fields)
  }

  static func today(_ request: PageRequest, _ zone: Zone) -> LocalDate { zone.local(request.now).date }

  /// The sums of one stretch of time, a line for each currency.
  static func sum(_ sums: [EarningsSum], _ request: PageRequest) -> [String: Any] {
    let deliveries = sums.reduce(0) { $0 + $1.deliveries }
    return [
      "count": request.texts.counting("courier.deliveries", deliveries),
      "none": sums.isEmpty,
      "lines": sums.map { sum in
        [
          "total": request.formats.money(sum.total, sum.currency), "pay": request.formats.money(sum.pay, sum.currency),
          "tips": request.formats.money(sum.tips, sum.currency)
        ]
      }
    ]
  }

  /// The newest first, each with a bar as long as its share of the best.
  private static func rows(_ sums: [EarningsSum], _ request: PageRequest, name: (LocalDate) -> String) -> [[String: Any]] {
    var best: [Currency: Double] = [:]
    for sum in sums { best[sum.currency] = max(best[sum.currency] ?? 0, value(sum.total)) }
    return sums.reversed().compactMap { sum in
      guard let start = sum.starts.flatMap(date) else { return nil }
      let share = best[sum.currency].map { $0 > 0 ? Int(value(sum.total) / $0 * 100) : 0 } ?? 0
      return [
        "name": name(start), "starts": start.description, "count": request.texts.counting("courier.deliveries", sum.deliveries), "share": share,
        "total": request.formats.money(sum.total, sum.currency), "pay": request.formats.money(sum.pay, sum.currency),
        "tips": request.formats.money(sum.tips, sum.currency)
      ]
    }
  }

  private static func value(_ amount: Amount) -> Double { Double("\(amount)") ?? 0 }

  private static func date(_ text: String) -> LocalDate? {
    var text = text
    return text.withUTF8 { bytes in bytes.withMemoryRebound(to: UInt8.self) { LocalDate(utf8: $0) } }
  }

  private static func noon(_ day: LocalDate) -> Instant { Instant(milliseconds: day.dayNumber * 86_400_000 + 43_200_000) }
}
