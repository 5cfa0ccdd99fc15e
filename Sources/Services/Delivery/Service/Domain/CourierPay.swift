import Kernel

/// What a partner earns with a delivery.
struct CourierPay: Hashable, Sendable {
  /// In the minor unit of whatever currency the order has.
  var baseUnits: Int
  var perKilometerUnits: Int
  /// How much of the customer's tip is the partner's.
  var tipPercent: Int

  /// - Parameter distanceMeters: from the restaurant to the door.
  func way(distanceMeters: Int, _ currency: Currency) -> Money {
    Money(units: baseUnits + roundedHalfToEven(perKilometerUnits, times: max(0, distanceMeters), over: 1000), currency)
  }

  func tip(_ tip: Money) -> Money { tip.isNegative ? .zero(tip.currency) : tip.share(tipPercent, of: 100) }
}
