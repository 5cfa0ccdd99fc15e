/// Texts, numbers and truth values.
extension JSONReader {
  /// The bytes of a string without escapes, or of a text, borrowed from the input.
  @inlinable
  mutating func plainText() -> UnsafeBufferPointer<UInt8>? {
    let start: Int
    if isText {
      start = index
      while index < end, bytes[index] != 0x2C || depth == 0 { index &+= 1 }
      return UnsafeBufferPointer(start: bytes + start, count: index &- start)
    }
    guard peek() == 0x22 else { return nil }
    start = index &+ 1
    var at = start
    while at < end, bytes[at] != 0x22, bytes[at] != 0x5C, bytes[at] >= 0x20 { at &+= 1 }
    guard at < end, bytes[at] == 0x22 else { return nil }
    index = at &+ 1
    return UnsafeBufferPointer(start: bytes + start, count: at &- start)
  }

  /// A string without the character NUL, which databases do not take.
  @inlinable
  public mutating func text() -> String? {
    guard let text = anyText() else { return nil }
    if _slowPath(text.utf8.contains(0)) { return reject("must not contain the character NUL") }
    return text
  }

  @inlinable
  mutating func anyText() -> String? {
    if let plain = plainText() {
      return String(validating: plain, as: UTF8.self) ?? malformed()
    }
    guard peek() == 0x22 else { mismatch("must be text"); return nil }
    return escapedText()
  }

  /// Lends a string's bytes to `parse`, without making a `String` when it has no escapes.
  @inlinable
  public mutating func parsing<Value>(_ kind: StaticString, _ parse: (UnsafeBufferPointer<UInt8>) -> Value?) -> Value? {
    if let plain = plainText() { return parse(plain) ?? reject("must be \(kind)") }
    guard peek() == 0x22 else { mismatch("must be \(kind)"); return nil }
    guard var text = escapedText() else { return nil }
    return text.withUTF8(parse) ?? reject("must be \(kind)")
  }

  @inlinable
  public mutating func integer() -> Int? {
    skipSpace()
    let start = index
    var at = index
    if at < end, bytes[at] == 0x2D { at &+= 1 }
    let digits = at
    var value = 0
    while at < end {
      let digit = bytes[at] &- 48
      guard digit < 10 else { break }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(digit))
      if overflow || carry { mismatch("must be a smaller whole number"); return nil }
      value = sum
      at &+= 1
    }
    if _slowPath(at < end && at > digits && (bytes[at] == 0x2E || bytes[at] | 0x20 == 0x65)) { return integerWithFraction() }
    if _slowPath(at == digits || (isText && at < end && bytes[at] != 0x2C)) {
      mismatch("must be a whole number")
      return nil
    }
    if _slowPath(at &- digits > 1 && bytes[digits] == 0x30) { return isText ? reject("must be a whole number") : malformed() }
    index = at
    return bytes[start] == 0x2D ? -value : value
  }

  /// A whole number written as `1.0` or `1e2`, which JSON Schema counts as an integer.
  @inline(never) @usableFromInline
  mutating func integerWithFraction() -> Int? {
    let start = index
    guard let value = number() else { return nil }
    if let whole = Int(exactly: value), whole.magnitude <= 1 << 53 { return whole }
    index = start
    mismatch("must be a whole number")
    return nil
  }

  public mutating func number() -> Double? {
    skipSpace()
    let start = index
    guard index < end, bytes[index] == 0x2D || bytes[index] &- 48 < 10 else {
      if !isText, index < end, ![0x22, 0x5B, 0x66, 0x6E, 0x74, 0x7B].contains(bytes[index]) { return malformed() }
      mismatch("must be a number")
      return nil
    }
    guard scanNumber(), !isText || index == end || bytes[index] == 0x2C else { return isText ? reject("must be a number") : malformed() }
    if let value = shortNumber(from: start) { return value }
    let text = String(decoding: UnsafeBufferPointer(start: bytes + start, count: index - start), as: UTF8.self)
    guard let value = Double(text), value.isFinite else { return reject("must be a smaller number") }
    return value
  }

  /// The value of digits with a point and no exponent, where one division of exact numbers gives it exactly (Clinger's fast path).
  private func shortNumber(from start: Int) -> Double? {
    guard index - start <= 16 else { return nil }
    var mantissa = 0
    var point = index
    for at in start..<index {
      let byte = bytes[at]
      switch byte {
      case 0x30...0x39: mantissa = mantissa &* 10 &+ Int(byte &- 48)
      case 0x2E: point = at + 1
      case 0x2D where at == start: break
      default: return nil
      }
    }
    guard mantissa < 1 << 53 else { return nil }
    var scale = 1.0
    for _ in point..<index { scale *= 10 }
    let value = Double(mantissa) / scale
    return bytes[start] == 0x2D ? -value : value
  }

  /// Passes over a number in JSON's grammar; false where there is none.
  @inline(never) @usableFromInline
  mutating func scanNumber() -> Bool {
    func digits(_ at: inout Int) -> Int {
      let start = at
      while at < end, bytes[at] &- 48 < 10 { at += 1 }
      return at - start
    }
    var at = index
    if at < end, bytes[at] == 0x2D { at += 1 }
    let isZero = at < end && bytes[at] == 0x30
    let count = digits(&at)
    guard count == 1 || (count > 1 && !isZero) else { return false }
    if at < end, bytes[at] == 0x2E {
      at += 1
      guard digits(&at) > 0 else { return false }
    }
    if at < end, bytes[at] | 0x20 == 0x65 {
      at += 1
      if at < end, bytes[at] == 0x2B || bytes[at] == 0x2D { at += 1 }
      guard digits(&at) > 0 else { return false }
    }
    index = at
    return true
  }

  @inlinable
  public mutating func boolean() -> Bool? {
    switch peek() {
    case 0x74: literal("true"); return malformedAt == nil ? true : nil
    case 0x66: literal("false"); return malformedAt == nil ? false : nil
    default: mismatch("must be true or false"); return nil
    }
  }

  /// Whether nothing but space is left.
  public mutating func isAtEnd() -> Bool { skipSpace(); return index == end }

  @inline(never) @usableFromInline
  mutating func escapedText() -> String? {
    index += 1
    var out: [UInt8] = []
    while index < end {
      let byte = bytes[index]
      index += 1
      switch byte {
      case 0x22: return String(validating: out, as: UTF8.self) ?? malformed()
      case 0..<0x20: return malformed()
      case 0x5C:
        guard index < end, let scalar = escapeSequence() else { return malformed() }
        out.append(contentsOf: Unicode.UTF8.encode(scalar)!)
      default: out.append(byte)
      }
    }
    return malformed()
  }

  private mutating func escapeSequence() -> Unicode.Scalar? {
    let byte = bytes[index]
    index += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: return Unicode.Scalar(byte)
    case 0x62: return "\u{8}"
    case 0x66: return "\u{C}"
    case 0x6E: return "\n"
    case 0x72: return "\r"
    case 0x74: return "\t"
    case 0x75:
      guard let unit = hexUnit() else { return nil }
      guard 0xD800..<0xDC00 ~= unit else { return Unicode.Scalar(unit) }
      guard index + 1 < end, bytes[index] == 0x5C, bytes[index + 1] == 0x75 else { return nil }
      index += 2
      guard let low = hexUnit(), 0xDC00..<0xE000 ~= low else { return nil }
      return Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
    default: return nil
    }
  }

  private mutating func hexUnit() -> UInt32? {
    guard index + 4 <= end else { return nil }
    var value: UInt32 = 0
    for _ in 0..<4 {
      let byte = bytes[index]
      index += 1
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt32(byte - 48)
      case 0x61...0x66: value = value << 4 | UInt32(byte - 87)
      case 0x41...0x46: value = value << 4 | UInt32(byte - 55)
      default: return nil
      }
    }
    return value
  }
}
