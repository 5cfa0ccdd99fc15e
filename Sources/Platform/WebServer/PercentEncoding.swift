/// Undoes percent escapes; `nil` when an escape is broken or the bytes are not UTF-8.
///
/// - Parameter plusIsSpace: as in a query, where forms write a space as `+`.
func percentDecoded(_ text: Substring, plusIsSpace: Bool = false) -> String? {
  guard text.utf8.contains(where: { $0 == 0x25 || (plusIsSpace && $0 == 0x2B) }) else { return String(text) }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.utf8.count)
  var rest = text.utf8.makeIterator()
  while let byte = rest.next() {
    switch byte {
    case 0x25:
      guard let high = rest.next().flatMap(hexDigit), let low = rest.next().flatMap(hexDigit) else { return nil }
      bytes.append(high << 4 | low)
    case 0x2B where plusIsSpace: bytes.append(0x20)
    default: bytes.append(byte)
    }
  }
  return String(validating: bytes, as: UTF8.self)
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte - 48
  case 0x41...0x46: byte - 55
  case 0x61...0x66: byte - 87
  default: nil
  }
}

/// The steps of a path without escapes; an escaped slash stays within its step.
func pathSegments(_ path: Substring) -> [String]? {
  var path = path
  return path.withUTF8 { bytes in
    var segments: [String] = []
    segments.reserveCapacity(8)
    var start = 0
    var hasEscapes = false
    for place in 0...bytes.count {
      if place < bytes.count, bytes[place] != 0x2F {
        if bytes[place] == 0x25 { hasEscapes = true }
        continue
      }
      if place > start {
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<place]), as: UTF8.self)
        guard let segment = hasEscapes ? percentDecoded(Substring(text)) : text else { return nil }
        segments.append(segment)
      }
      start = place + 1
      hasEscapes = false
    }
    return segments
  }
}

/// The names and values of a query without escapes.
///
/// - Parameter most: how many there may be.
func queryFields(_ query: Substring, most: Int = 200) -> [(field: String, text: String)]? {
  var fields: [(field: String, text: String)] = []
  for part in query.utf8.split(separator: 0x26) {
    let pair = Substring(part)
    let equals = pair.firstIndex(of: "=") ?? pair.endIndex
    let value = equals == pair.endIndex ? "" : pair[pair.index(after: equals)...]
    guard let field = percentDecoded(pair[..<equals], plusIsSpace: true), let text = percentDecoded(value, plusIsSpace: true) else { return nil }
    fields.append((field, text))
    if fields.count > most { return nil }
  }
  return fields
}
