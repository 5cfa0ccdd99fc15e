/// A limit on one field: checked when it is read, told in its schema.
public enum Rule: Sendable {
  case within(ClosedRange<Int>)
  case atLeast(Int)
  /// The limits of a number that need not be whole.
  case between(ClosedRange<Double>)
  /// How many Unicode scalars a text may have, as JSON Schema counts.
  case length(ClosedRange<Int>)
  /// How many elements a list may have.
  case count(ClosedRange<Int>)

  func describe(_ schema: inout Schema) {
    switch self {
    case .within(let range): (schema.minimum, schema.maximum) = (range.lowerBound, range.upperBound)
    case .atLeast(let minimum): schema.minimum = minimum
    case .between(let range): (schema.minimumNumber, schema.maximumNumber) = (range.lowerBound, range.upperBound)
    case .length(let range): (schema.minLength, schema.maxLength) = (range.lowerBound, range.upperBound)
    case .count(let range): (schema.minItems, schema.maxItems) = (range.lowerBound, range.upperBound)
    }
  }
}

extension Int {
  @inlinable
  public func violation(of rule: Rule) -> String? {
    switch rule {
    case .within(let range) where self > range.upperBound: "must be at most \(range.upperBound)"
    case .within(let range) where self < range.lowerBound: "must be at least \(range.lowerBound)"
    case .atLeast(let minimum) where self < minimum: "must be at least \(minimum)"
    default: nil
    }
  }
}

extension Double {
  @inlinable
  public func violation(of rule: Rule) -> String? {
    guard case .between(let range) = rule, !range.contains(self) else { return nil }
    return "must be between \(range.lowerBound) and \(range.upperBound)"
  }
}

extension String {
  public func violation(of rule: Rule) -> String? {
    guard case .length(let range) = rule else { return nil }
    if utf8.count <= range.upperBound, range.lowerBound == 0 { return nil }
    let count = unicodeScalars.count
    if count < range.lowerBound { return count == 0 ? "must not be empty" : "must have at least \(range.lowerBound) characters" }
    return count > range.upperBound ? "must have at most \(range.upperBound) characters" : nil
  }
}

extension Array where Element: WireValue {
  @inlinable
  public func violation(of rule: Rule) -> String? {
    guard case .count(let range) = rule, !range.contains(count) else { return nil }
    return isEmpty
      ? "must not be empty" : count < range.lowerBound ? "must have at least \(range.lowerBound)" : "must have at most \(range.upperBound)"
  }
}

extension Optional where Wrapped: WireValue {
  @inlinable
  public func violation(of rule: Rule) -> String? { self?.violation(of: rule) }
}
