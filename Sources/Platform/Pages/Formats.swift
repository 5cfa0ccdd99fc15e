import Foundation
public import Kernel

/// Writes money, times and distances as the readers of a language do.
public struct Formats: Sendable {
  private let texts: Texts
  private var locale: Locale { texts.language.locale }

  /// - Parameter texts: those of the language, for the names of units.
  public init(_ texts: Texts) { self.texts = texts }

  /// `$25.49`, `25,49 €`: with the currency's own number of digits.
  public func money(_ amount: Amount, _ currency: Currency) -> String {
    decimal(amount).formatted(.currency(code: currency.code).precision(.fractionLength(currency.exponent)).locale(locale))
  }

  /// `8.875 %`
  public func percent(_ rate: Amount) -> String {
    (decimal(rate) / 100).formatted(.percent.precision(.fractionLength(0...4)).locale(locale))
  }

  public func number(_ number: Int) -> String { number.formatted(.number.locale(locale)) }

  /// With one digit behind the point: `4.6`.
  public func decimal(_ number: Double) -> String { number.formatted(.number.precision(.fractionLength(1)).locale(locale)) }

  /// `850 m`, `2.4 km`
  public func distance(meters: Int) -> String {
    meters < 1000
      ? texts("shared.unit.meters", ["count": number((meters + 5) / 10 * 10)])
      : texts("shared.unit.kilometers", ["count": decimal(Double(meters) / 1000)])
  }

  /// `7:45 PM`, `19:45`, on the clocks of the zone.
  public func time(_ instant: Instant, in zone: String) -> String { date(instant).formatted(style(.omitted, .shortened, zone)) }

  /// `Mon, Nov 30`
  public func day(_ instant: Instant, in zone: String) -> String {
    var style = Date.FormatStyle(locale: locale, timeZone: TimeZone(identifier: zone) ?? .gmt)
    style = style.weekday(.abbreviated).month(.abbreviated).day()
    return date(instant).formatted(style)
  }

  /// `Nov 30, 2026 at 7:45 PM`
  public func dayAndTime(_ instant: Instant, in zone: String) -> String { date(instant).formatted(style(.abbreviated, .shortened, zone)) }

  private func date(_ instant: Instant) -> Date { Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000) }

  private func style(_ date: Date.FormatStyle.DateStyle, _ time: Date.FormatStyle.TimeStyle, _ zone: String) -> Date.FormatStyle {
    Date.FormatStyle(date: date, time: time, locale: locale, timeZone: TimeZone(identifier: zone) ?? .gmt)
  }

  private func decimal(_ amount: Amount) -> Decimal {
    Decimal(sign: amount.units < 0 ? .minus : .plus, exponent: -amount.scale, significand: Decimal(amount.units.magnitude))
  }
}
