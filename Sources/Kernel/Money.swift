public import Wire

/// An ISO 4217 currency and how many digits its minor unit has.
public struct Currency: Hashable, Sendable, CustomStringConvertible {
  /// The three capital letters.
  public let code: String
  /// Digits behind the point: JPY 0, USD 2, KWD 3 (ISO 4217, amendment 176).
  public let exponent: Int

  /// Knows a currency by its code in capital letters.
  public init?(code: String) {
    guard let exponent = Self.exponents[code] else { return nil }
    self.code = code
    self.exponent = exponent
  }

  public static let usd = Currency(code: "USD")!
  public static let eur = Currency(code: "EUR")!
  public var description: String { code }

  private static let exponents: [String: Int] = {
    var table: [String: Int] = [:]
    for code in """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK \
    DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK \
    LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON \
    RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST \
    XCD YER ZAR ZMW ZWG
    """.split(separator: " ") { table[String(code)] = 2 }
    for code in ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"] {
      table[code] = 0
    }
    for code in ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"] { table[code] = 3 }
    return table
  }()
}

extension Currency: WireValue {
  public static func read(_ reader: inout JSONReader) -> Currency? {
    guard let text = reader.text() else { return nil }
    return Currency(code: text) ?? reader.reject("must be an ISO 4217 currency such as USD")
  }

  public func write(to writer: inout JSONWriter) { writer.string(code) }
  public static var schema: Schema { Schema(.oneOf(exponents.keys.sorted()), name: "Currency") }
}

/// A whole number of a currency's minor units.
///
/// Arithmetic stops the program on overflow; inputs are bounded to 10^15 units at the edge, so that sums of a day stay far from it.
public struct Money: Hashable, Sendable {
  public var units: Int
  public let currency: Currency

  public init(units: Int, _ currency: Currency) {
    self.units = units
    self.currency = currency
  }

  /// Takes an amount as written; `nil` when it is finer than the currency's minor unit, or larger than 10^15 units.
  public init?(_ amount: Amount, _ currency: Currency) {
    var units = amount.units
    var scale = amount.scale
    while scale < currency.exponent {
      let (product, overflow) = units.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      units = product
      scale += 1
    }
    while scale > currency.exponent {
      guard units % 10 == 0 else { return nil }
      units /= 10
      scale -= 1
    }
    guard units.magnitude <= 1_000_000_000_000_000 else { return nil }
    self.init(units: units, currency)
  }

  public static func zero(_ currency: Currency) -> Money { Money(units: 0, currency) }
  public var isNegative: Bool { units < 0 }

  /// The amount as it stands in JSON, with all of the currency's digits.
  public var amount: Amount { Amount(units: units, scale: currency.exponent) }

  public static func + (left: Money, right: Money) -> Money {
    precondition(left.currency == right.currency, "\(left.currency) and \(right.currency) do not add up")
    return Money(units: left.units + right.units, left.currency)
  }
  public static func - (left: Money, right: Money) -> Money { left + (-right) }
  public static prefix func - (money: Money) -> Money { Money(units: -money.units, money.currency) }
  public static func * (money: Money, count: Int) -> Money { Money(units: money.units * count, money.currency) }
  public static func += (left: inout Money, right: Money) { left = left + right }

  /// The share `numerator / denominator` of this, rounded half to even on the exact rational.
  public func share(_ numerator: Int, of denominator: Int) -> Money {
    Money(units: roundedHalfToEven(units, times: numerator, over: denominator), currency)
  }

  /// Splits into parts proportional to `weights` that add up exactly: the largest remainders get the units left over, the
  /// earlier part first among equals.
  ///
  /// - Parameter weights: none negative, not all zero.
  public func split(by weights: [Int]) -> [Money] {
    let whole = weights.reduce(0, +)
    precondition(whole > 0 && weights.allSatisfy { $0 >= 0 }, "weights must be positive")
    let magnitude = Int(units.magnitude)
    var parts = weights.map { weight -> (share: Int, remainder: Int) in
      let product = magnitude.multipliedFullWidth(by: weight)
      let (quotient, remainder) = whole.dividingFullWidth(product)
      return (quotient, remainder)
    }
    let left = magnitude - parts.reduce(0) { $0 + $1.share }
    let order = parts.indices.sorted { (parts[$0].remainder, $1) > (parts[$1].remainder, $0) }
    for index in order.prefix(left) { parts[index].share += 1 }
    return parts.map { Money(units: units < 0 ? -$0.share : $0.share, currency) }
  }
}

extension Money: CustomStringConvertible {
  public var description: String { "\(amount) \(currency)" }
}

/// `value * numerator / denominator`, rounded half to even, exact in between.
///
/// - Parameter denominator: above zero.
public func roundedHalfToEven(_ value: Int, times numerator: Int, over denominator: Int) -> Int {
  precondition(denominator > 0, "the denominator must be positive")
  let isNegative = (value < 0) != (numerator < 0)
  let product = value.magnitude.multipliedFullWidth(by: numerator.magnitude)
  let (quotient, remainder) = UInt(denominator).dividingFullWidth(product)
  let rest = UInt(denominator) - remainder  // How far it is to the next whole number.
  let isUp = remainder > rest || (remainder == rest && quotient % 2 == 1)
  let magnitude = Int(quotient) + (isUp ? 1 : 0)
  return isNegative ? -magnitude : magnitude
}
