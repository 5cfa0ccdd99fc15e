/// Pulls values from JSON bytes, or from one text of a path, query or header, noting what is wrong instead of stopping.
///
/// A `nil` from any method means that the reason stands in `faults`. Malformed JSON ends the reading at once.
public struct JSONReader: ~Copyable {
  @usableFromInline let bytes: UnsafePointer<UInt8>
  @usableFromInline var end: Int
  @usableFromInline var index = 0
  @usableFromInline let isText: Bool
  @usableFromInline var depth = 0
  /// What was wrong so far, paths relative to the value being read.
  public internal(set) var faults: [Fault] = []
  /// Where the JSON stopped being JSON.
  public internal(set) var malformedAt: Int?

  /// Keys that had escapes, as they are without them; they live as long as the reader, for a `JSONKey` only points.
  private var unescapedKeys: [UnsafeMutableBufferPointer<UInt8>] = []

  deinit { for key in unescapedKeys { key.deallocate() } }

  /// Reads JSON; the bytes must outlive the reader.
  @inlinable
  public init(json: UnsafeRawBufferPointer) {
    bytes = json.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(bitPattern: 1)!
    end = json.count
    isText = false
  }

  /// Reads one decoded text of a URL or header; the bytes must outlive the reader.
  @inlinable
  public init(text: UnsafeBufferPointer<UInt8>) {
    bytes = text.baseAddress ?? UnsafePointer(bitPattern: 1)!
    end = text.count
    isText = true
  }

  /// Notes what is wrong with the value just read.
  @inline(never)
  public mutating func reject<Value>(_ message: String, as type: Value.Type = Value.self) -> Value? {
    if malformedAt == nil { faults.append(Fault(path: "", message: message)) }
    return nil
  }

  /// Takes over an fault from another reader.
  public mutating func adopt(_ fault: Fault) { if malformedAt == nil { faults.append(fault) } }

  /// Puts a step in front of the path of every fault noted since `mark`.
  @inline(never)
  public mutating func prefixFaults(since mark: Int, with step: String) {
    for at in mark..<max(mark, faults.count) {
      let path = faults[at].path
      faults[at].path = path.isEmpty || path.hasPrefix("[") ? step + path : "\(step).\(path)"
    }
  }

  @inline(never) @usableFromInline
  mutating func malformed<Value>(as type: Value.Type = Value.self) -> Value? {
    if malformedAt == nil {
      malformedAt = index
      faults = [Fault(path: "", message: "is not JSON (byte \(index))")]
    }
    end = 0
    index = 0
    return nil
  }

  @inlinable @inline(__always)
  mutating func skipSpace() {
    while index < end, bytes[index] <= 0x20, bytes[index] == 0x20 || bytes[index] == 0x0A || bytes[index] == 0x0D || bytes[index] == 0x09 {
      index &+= 1
    }
  }

  @inlinable @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard index < end, bytes[index] == byte else { return false }
    index &+= 1
    return true
  }

  @inlinable @inline(__always)
  mutating func peek() -> UInt8 {
    skipSpace()
    return index < end ? bytes[index] : 0
  }

  /// Consumes a `null` if one stands here.
  @inlinable
  public mutating func null() -> Bool {
    if isText { return index == end }
    guard peek() == 0x6E, end &- index >= 4, bytes[index &+ 1] == 0x75, bytes[index &+ 2] == 0x6C, bytes[index &+ 3] == 0x6C
    else { return false }
    index &+= 4
    return true
  }

  // MARK: Objects and arrays

  /// Enters an object; follow with `nextKey` until it answers `nil`.
  @inlinable
  public mutating func beginObject() -> Bool {
    guard !isText, take(0x7B) else { mismatch("must be an object"); return false }
    depth &+= 1
    if _slowPath(depth > 64) { _ = malformed(as: Int.self); return false }
    return true
  }

  /// The next key of the object, or `nil` at its end.
  @inlinable
  public mutating func nextKey(first: inout Bool) -> JSONKey? {
    if take(0x7D) { depth &-= 1; return nil }
    if !first, !take(0x2C) { return malformed() }
    first = false
    guard take(0x22) else { return malformed() }
    let start = index
    var isPlain = true
    while index < end, bytes[index] != 0x22 {
      let byte = bytes[index]
      if _slowPath(byte == 0x5C || byte < 0x20 || byte >= 0x80) {
        isPlain = false
        if byte == 0x5C { index &+= 1 }
      }
      index &+= 1
    }
    guard index < end else { return malformed() }
    if _slowPath(!isPlain) { return unusualKey(from: start) }
    let key = JSONKey(start: bytes + start, count: index &- start)
    index &+= 1
    return take(0x3A) ? key : malformed()
  }

  /// A key with escapes, or with letters beyond ASCII, which must be UTF-8.
  @inline(never) @usableFromInline
  mutating func unusualKey(from start: Int) -> JSONKey? {
    index = start - 1
    guard let text = escapedText(), take(0x3A) else { return malformed() }
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, text.utf8.count))
    _ = copy.initialize(from: text.utf8)
    unescapedKeys.append(copy)
    return JSONKey(start: UnsafePointer(copy.baseAddress!), count: text.utf8.count)
  }

  /// Enters an array; a text is an array of its comma-separated parts.
  @inlinable
  public mutating func beginArray() -> Bool {
    if isText { depth = 1; return true }
    guard take(0x5B) else { mismatch("must be a list"); return false }
    depth &+= 1
    if _slowPath(depth > 64) { _ = malformed(as: Int.self); return false }
    return true
  }

  /// Whether another element follows.
  @inlinable
  public mutating func nextElement(first: inout Bool) -> Bool {
    if isText {
      guard index < end else { depth = 0; return false }
      if !first { index &+= 1 }
      first = false
      return true
    }
    if take(0x5D) { depth &-= 1; return false }
    if !first, !take(0x2C) { _ = malformed(as: Int.self); return false }
    first = false
    if _slowPath(end == 0) { return false }
    return true
  }

  /// Passes over one value of any kind, checking only that it is JSON.
  public mutating func skip() {
    if isText { index = end; return }
    switch peek() {
    case 0x22: _ = anyText()
    case 0x7B:
      guard beginObject() else { return }
      var first = true
      while nextKey(first: &first) != nil { skip() }
    case 0x5B:
      guard beginArray() else { return }
      var first = true
      while nextElement(first: &first) { skip() }
    case 0x74: literal("true")
    case 0x66: literal("false")
    case 0x6E: literal("null")
    default: if !scanNumber() { _ = malformed(as: Int.self) }
    }
  }

  @usableFromInline
  mutating func literal(_ word: StaticString) {
    guard end - index >= word.utf8CodeUnitCount else { _ = malformed(as: Int.self); return }
    for offset in 0..<word.utf8CodeUnitCount where bytes[index + offset] != word.utf8Start[offset] {
      _ = malformed(as: Int.self)
      return
    }
    index += word.utf8CodeUnitCount
  }

  /// Notes a value of the wrong kind and passes over it.
  @inline(never) @usableFromInline
  mutating func mismatch(_ message: String) {
    if malformedAt != nil { return }
    skip()
    _ = reject(message, as: Int.self)
  }
}
