extension String: WireValue {
  @inlinable public static func read(_ reader: inout JSONReader) -> String? { reader.text() }
  @inlinable public func write(to writer: inout JSONWriter) { writer.string(self) }
  public static var schema: Schema { Schema(.text) }
}

extension Int: WireValue {
  @inlinable public static func read(_ reader: inout JSONReader) -> Int? { reader.integer() }
  @inlinable public func write(to writer: inout JSONWriter) { writer.integer(self) }
  public static var schema: Schema { Schema(.integer, format: "int64") }
}

extension Double: WireValue {
  @inlinable public static func read(_ reader: inout JSONReader) -> Double? { reader.number() }
  @inlinable public func write(to writer: inout JSONWriter) { writer.number(self) }
  public static var schema: Schema { Schema(.number) }
}

extension Bool: WireValue {
  @inlinable public static func read(_ reader: inout JSONReader) -> Bool? { reader.boolean() }
  @inlinable public func write(to writer: inout JSONWriter) { writer.boolean(self) }
  public static var schema: Schema { Schema(.boolean) }
}

extension Optional: WireValue where Wrapped: WireValue {
  @inlinable
  public static func read(_ reader: inout JSONReader) -> Wrapped?? {
    if reader.null() { return .some(nil) }
    guard let value = Wrapped.read(&reader) else { return nil }
    return .some(value)
  }

  @inlinable
  public func write(to writer: inout JSONWriter) {
    if let self { self.write(to: &writer) } else { writer.raw("null") }
  }

  public static var schema: Schema {
    var schema = Wrapped.schema
    schema.isNullable = true
    return schema
  }
}

extension Array: WireValue where Element: WireValue {
  @inlinable
  public static func read(_ reader: inout JSONReader) -> [Element]? {
    guard reader.beginArray() else { return nil }
    var elements: [Element] = []
    var index = 0
    var first = true
    var isWhole = true
    while reader.nextElement(first: &first) {
      let mark = reader.faults.count
      if let element = Element.read(&reader), reader.faults.count == mark {
        elements.append(element)
      } else {
        isWhole = false
        reader.prefixFaults(since: mark, with: "[\(index)]")
      }
      index &+= 1
    }
    return isWhole ? elements : nil
  }

  @inlinable
  public func write(to writer: inout JSONWriter) {
    writer.raw(0x5B)
    var isFirst = true
    for element in self {
      if isFirst { isFirst = false } else { writer.raw(0x2C) }
      element.write(to: &writer)
    }
    writer.raw(0x5D)
  }

  public static var schema: Schema { Schema(.list(Element.schema)) }
}

/// An enum whose cases are written as their names.
public protocol WireEnum: WireValue, RawRepresentable<String>, CaseIterable {}

extension WireEnum {
  @inlinable
  public static func read(_ reader: inout JSONReader) -> Self? {
    guard let text = reader.text() else { return nil }
    // No key path: of one in inlinable code the optimiser of another module may want a getter that no module has.
    return Self(rawValue: text) ?? reader.reject("must be one of \(allCases.map { $0.rawValue }.joined(separator: ", "))")
  }

  @inlinable public func write(to writer: inout JSONWriter) { writer.string(rawValue) }

  public static var schema: Schema { Schema(.oneOf(allCases.map { $0.rawValue }), name: "\(Self.self)") }
}
