/// The part of an amount that a refund by percent gives back; what is kept is exactly the rest.
///
/// - Parameter percent: 0 to 100 with at most four digits behind the point, such as `12.5`.
public func refundShare(of total: Money, percent: Amount) -> Money {
  guard let rate = percent.millionths, 0...1_000_000 ~= rate else { preconditionFailure("a refund is 0 to 100 percent, not \(percent)") }
  return total.share(rate, of: 1_000_000)
}

/// Splits a refund over what is left of the parts it was paid in (subtotal, fee, tax, tip), by largest remainder.
///
/// No part is ever given back more than is left of it, so refunds that add up to the whole leave nothing of any part.
/// - Parameter refund: none negative, at most the sum of `remaining`.
public func refundShare(_ refund: Money, over remaining: [Money]) -> [Money] {
  let whole = remaining.reduce(0) { $0 + $1.units }
  precondition(0...whole ~= refund.units && remaining.allSatisfy { !$0.isNegative }, "a refund lies between nothing and what is left")
  guard whole > 0 else { return remaining }
  return refund.split(by: remaining.map(\.units))
}

extension Amount {
  /// A percentage as millionths of the whole: `8.875` is 88,750; `nil` beyond a million percent.
  public var millionths: Int? {
    guard units.magnitude <= 1_000_000_000_000 else { return nil }
    var value = units
    for _ in scale..<max(scale, 4) { value *= 10 }
    return value.magnitude <= 10_000_000_000 ? value : nil
  }
}
