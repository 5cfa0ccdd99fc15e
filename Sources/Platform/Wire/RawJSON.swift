/// A JSON value kept as the bytes it came in, such as the payload of an event on its way.
public struct RawJSON: Sendable {
  public let bytes: [UInt8]
  /// The value that the bytes were made of, where that was in this process: it need not be read from them again.
  public let origin: (any WireValue)?

  /// Takes bytes that are one JSON value; nothing checks them here.
  public init(bytes: [UInt8]) {
    self.bytes = bytes
    origin = nil
  }

  public init(_ value: some WireValue) {
    bytes = encode(value)
    origin = value
  }

  /// The value as the type it was made of.
  public func decoded<Value: WireValue>(as type: Value.Type = Value.self) throws(InvalidInput) -> Value {
    // Unwrapped first: no origin at all would pass for the nil of an optional type.
    if let origin, let value = origin as? Value { return value }
    return try decode(type, from: bytes)
  }
}

extension RawJSON: Hashable {
  public static func == (a: RawJSON, b: RawJSON) -> Bool { a.bytes == b.bytes }
  public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

extension RawJSON: WireValue {
  public static func read(_ reader: inout JSONReader) -> RawJSON? {
    let start = reader.position
    reader.skip()
    guard reader.malformedAt == nil else { return nil }
    return RawJSON(bytes: reader.slice(from: start))
  }

  public func write(to writer: inout JSONWriter) { writer.raw(json: bytes) }
  public static var schema: Schema { Schema(.anything) }
}

extension JSONReader {
  /// Where the next value starts.
  var position: Int {
    mutating get { skipSpace(); return index }
  }

  func slice(from start: Int) -> [UInt8] { Array(UnsafeBufferPointer(start: bytes + start, count: index - start)) }
}

extension JSONWriter {
  /// Appends bytes that are already JSON.
  public mutating func raw(json: [UInt8]) {
    reserve(json.count)
    json.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { (bytes + count).update(from: start, count: source.count) }
    }
    count &+= json.count
  }
}
