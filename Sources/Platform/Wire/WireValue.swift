/// A value with one JSON form: how it is read, written and described.
///
/// Structs get all of it from `@Wire`; only leaves such as ids and amounts write it by hand.
public protocol WireValue: Sendable {
  /// Reads the value, or notes in the reader why it cannot be.
  static func read(_ reader: inout JSONReader) -> Self?
  func write(to writer: inout JSONWriter)
  static var schema: Schema { get }
  /// What is wrong with the value under a rule, such as `must be at least 1`.
  func violation(of rule: Rule) -> String?
}

extension WireValue {
  @inlinable public func violation(of rule: Rule) -> String? { nil }
}

/// A struct made of named fields.
public protocol WireObject: WireValue {
  associatedtype Draft: WireDraft<Self>
}

/// The fields of an object as they arrive, in any order and from several sources.
public protocol WireDraft<Whole> {
  associatedtype Whole
  init()
  /// Reads one field; answers false, reading nothing, when the object has no field of that name.
  mutating func read(_ key: JSONKey, from reader: inout JSONReader) -> Bool
  /// The whole, or `nil` with the missing fields noted.
  func finish(_ reader: inout JSONReader) -> Whole?
}

extension JSONReader {
  /// Reads an object from one JSON value.
  @inlinable
  public mutating func object<Object: WireObject>(_ type: Object.Type) -> Object? where Object.Draft.Whole == Object {
    guard beginObject() else { return nil }
    var draft = Object.Draft()
    var first = true
    while let key = nextKey(first: &first) {
      if !draft.read(key, from: &self) { skip() }
    }
    return draft.finish(&self)
  }

  /// Reads one named field, putting its name in front of what is wrong with it.
  @inlinable
  public mutating func field<Value: WireValue>(_ name: StaticString, as type: Value.Type = Value.self) -> Value? {
    let mark = faults.count
    if let value = Value.read(&self), faults.count == mark { return value }
    prefixFaults(since: mark, with: name.description)
    return nil
  }

  /// Holds a field that was read to a rule, emptying it if it breaks the rule.
  @inlinable
  public mutating func hold<Value: WireValue>(_ name: StaticString, _ value: inout Value?, _ rule: Rule) {
    guard let violation = value?.violation(of: rule) else { return }
    value = reject(violation)
    prefixFaults(since: faults.count - 1, with: name.description)
  }

  /// Notes that a field came twice: which of the two is meant, nobody can tell.
  @inline(never)
  public mutating func repeated(_ name: StaticString) {
    _ = reject("is given twice", as: Int.self)
    prefixFaults(since: faults.count - 1, with: name.description)
  }

  /// Notes that a field did not come.
  @inline(never)
  public mutating func missing(_ name: StaticString) {
    _ = reject("is required", as: Int.self)
    prefixFaults(since: faults.count - 1, with: name.description)
  }
}

/// Reads one whole value from JSON bytes, or throws everything that is wrong with it.
@inlinable
public func decode<Value: WireValue>(_ type: Value.Type, from json: UnsafeRawBufferPointer) throws(InvalidInput) -> Value {
  var reader = JSONReader(json: json)
  let value = Value.read(&reader)
  return try reader.conclude(value)
}

/// Reads one whole value from JSON bytes, or throws everything that is wrong with it.
public func decode<Value: WireValue>(_ type: Value.Type, from json: [UInt8]) throws(InvalidInput) -> Value {
  // Array.withUnsafeBytes rethrows untyped, so the typed error travels as a result.
  let result: Result<Value, InvalidInput> = json.withUnsafeBytes { bytes in
    do throws(InvalidInput) { return .success(try decode(type, from: bytes)) } catch { return .failure(error) }
  }
  return try result.get()
}

/// The JSON bytes of one value.
public func encode(_ value: some WireValue) -> [UInt8] {
  var writer = JSONWriter()
  value.write(to: &writer)
  return writer.withBytes { Array($0) }
}

extension JSONReader {
  /// The value if nothing is wrong and nothing is left, else everything that is wrong.
  @inlinable
  public mutating func conclude<Value>(_ value: Value?) throws(InvalidInput) -> Value {
    if let value, faults.isEmpty, isAtEnd() { return value }
    if faults.isEmpty { _ = malformed(as: Int.self) }
    throw InvalidInput(faults, isMalformed: malformedAt != nil)
  }
}
