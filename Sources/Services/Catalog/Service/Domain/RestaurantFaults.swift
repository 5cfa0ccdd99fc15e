import CatalogAPI
import Kernel
import Wire

extension RestaurantDetails {
  /// Everything wrong with the details beyond their shape, each with its path.
  var faults: [Fault] {
    var faults: [Fault] = []
    func fault(_ path: String, _ message: String) { faults.append(Fault(path: path, message: message)) }
    if name.isBlank { fault("name", "must not be blank") }
    if address.isBlank { fault("address", "must not be blank") }
    if Zone.named(timeZone) == nil { fault("timeZone", "must be an IANA time zone such as Europe/Berlin") }
    for (index, cuisine) in cuisineTypes.enumerated() where cuisine.isBlank || cuisine.unicodeScalars.count > 40 {
      fault("cuisineTypes[\(index)]", "must have 1 to 40 characters")
    }
    if Set(cuisineTypes).count < cuisineTypes.count { fault("cuisineTypes", "must not name one twice") }
    if let message = minimumOrder.priceViolation(currency) { fault("minimumOrder", message) }
    faults += openingHours.faults
    for (index, closure) in closures.enumerated() {
      if let message = closure.violation { fault("closures[\(index)]", message) }
    }
    for (index, rule) in taxRules.enumerated() {
      if let rate = rule.ratePercent.millionths, 0...1_000_000 ~= rate { continue }
      fault("taxRules[\(index)].ratePercent", "must be between 0 and 100")
    }
    if let fee = deliveryFee {
      if let message = fee.base.priceViolation(currency) { fault("deliveryFee.base", message) }
      if let message = fee.perKilometer.priceViolation(currency) { fault("deliveryFee.perKilometer", message) }
      if let message = fee.maximum?.priceViolation(currency) { fault("deliveryFee.maximum", message) }
    }
    return faults
  }
}

extension OpeningHours {
  static let dayNames = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

  /// Intervals that open at the end of a day, and those that overlap, round the week.
  var faults: [Fault] {
    var faults: [Fault] = []
    /// Minutes from Monday's midnight.
    var stretches: [(start: Int, end: Int, path: String)] = []
    for (weekday, intervals) in days.enumerated() {
      for (index, interval) in intervals.enumerated() {
        let path = "openingHours.\(Self.dayNames[weekday])[\(index)]"
        if interval.opens.minutes == 1440 {
          faults.append(Fault(path: "\(path).opens", message: "must be before 24:00"))
          continue
        }
        let start = weekday * 1440 + interval.opens.minutes
        let length = interval.closes.minutes - interval.opens.minutes + (interval.endsNextDay ? 1440 : 0)
        stretches.append((start, start + length, path))
      }
    }
    let sorted = stretches.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    for (index, stretch) in sorted.enumerated() where sorted.count > 1 {
      let isLast = index == sorted.count - 1
      let next = sorted[isLast ? 0 : index + 1]
      if stretch.end > next.start + (isLast ? 7 * 1440 : 0) {
        faults.append(Fault(path: next.path, message: "overlaps \(stretch.path)"))
      }
    }
    return faults
  }
}

extension ClosurePeriod {
  var violation: String? {
    switch (firstDay, lastDay, startsAt, endsAt) {
    case (let first?, let last?, nil, nil): last < first ? "must not end before it begins" : nil
    case (nil, nil, let start?, let end?): end <= start ? "must end after it begins" : nil
    default: "needs either firstDay and lastDay, or startsAt and endsAt"
    }
  }
}

extension Amount {
  /// No price is above 10^9 minor units, so that sums of whole orders stay far from overflow.
  static let highestPriceUnits = 1_000_000_000

  /// What is wrong with the amount as a price in a currency.
  func priceViolation(_ currency: Currency) -> String? {
    if units < 0 { return "must not be negative" }
    guard let money = Money(self, currency) else {
      return units >= Self.highestPriceUnits ? "is too high" : "must have at most \(currency.exponent) digits behind the point in \(currency)"
    }
    return money.units > Self.highestPriceUnits ? "is too high" : nil
  }
}

extension String {
  var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
