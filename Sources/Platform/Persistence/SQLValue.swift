public import Kernel
public import Wire

/// A value given to a statement.
public enum SQLValue: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral {
  case null
  case integer(Int)
  case real(Double)
  case text(String)
  case bytes([UInt8])
  /// A text of 36 characters, which are not made before an engine wants them.
  case uuid(high: UInt64, low: UInt64)

  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(stringLiteral value: String) { self = .text(value) }
  public init(nilLiteral: ()) { self = .null }

  /// An id as its 36 characters.
  public static func id<Entity>(_ id: Identifier<Entity>?) -> SQLValue { id.map { .uuid(high: $0.high, low: $0.low) } ?? .null }
  /// An instant as its milliseconds.
  public static func instant(_ instant: Instant?) -> SQLValue { instant.map { .integer($0.milliseconds) } ?? .null }
  public static func boolean(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }
  public static func word<Word: RawRepresentable<String>>(_ word: Word?) -> SQLValue { word.map { .text($0.rawValue) } ?? .null }
  public static func optional(_ value: Int?) -> SQLValue { value.map { .integer($0) } ?? .null }
  public static func optional(_ value: Double?) -> SQLValue { value.map { .real($0) } ?? .null }
  public static func optional(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
  /// The 36 characters of a UUID.
  package static func withCharacters<Result>(
    _ high: UInt64, _ low: UInt64, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 36) { characters in
      if let start = characters.baseAddress { Identifier<SQLValue>(high: high, low: low).fill(start) }
      return try body(UnsafeBufferPointer(characters))
    }
  }

  /// A value as its JSON text: for what is only ever read and written whole.
  public static func json(_ value: some WireValue) -> SQLValue { .text(String(decoding: encode(value), as: UTF8.self)) }
}

/// One row of a result, its columns counted from 0; valid only while it is lent.
public protocol Row {
  func isNull(_ column: Int) -> Bool
  /// A number; 0 where the column is null.
  func integer(_ column: Int) -> Int
  func real(_ column: Int) -> Double
  /// A text; empty where the column is null.
  func text(_ column: Int) -> String
  func bytes(_ column: Int) -> [UInt8]
}

/// A row that does not hold what its table promises: the file was changed by another hand, or a migration is missing.
public struct CorruptRow: Error, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}

extension Row {
  public func optionalInteger(_ column: Int) -> Int? { isNull(column) ? nil : integer(column) }
  public func optionalReal(_ column: Int) -> Double? { isNull(column) ? nil : real(column) }
  public func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }
  public func boolean(_ column: Int) -> Bool { integer(column) != 0 }
  public func instant(_ column: Int) -> Instant { Instant(milliseconds: integer(column)) }
  public func optionalInstant(_ column: Int) -> Instant? { isNull(column) ? nil : instant(column) }

  public func id<Entity>(_ column: Int, _: Identifier<Entity>.Type = Identifier<Entity>.self) throws -> Identifier<Entity> {
    guard let id = Identifier<Entity>(text(column)) else { throw CorruptRow("column \(column) is no UUID: \(text(column))") }
    return id
  }

  public func optionalID<Entity>(_ column: Int, _: Identifier<Entity>.Type = Identifier<Entity>.self) throws -> Identifier<Entity>? {
    isNull(column) ? nil : try id(column)
  }

  public func word<Word: RawRepresentable<String>>(_ column: Int, _: Word.Type = Word.self) throws -> Word {
    guard let word = Word(rawValue: text(column)) else { throw CorruptRow("column \(column) is no \(Word.self): \(text(column))") }
    return word
  }

  public func currency(_ column: Int) throws -> Currency {
    guard let currency = Currency(code: text(column)) else { throw CorruptRow("column \(column) is no currency: \(text(column))") }
    return currency
  }

  /// A value kept as JSON text.
  public func json<Value: WireValue>(_ column: Int, as type: Value.Type = Value.self) throws -> Value {
    try decode(type, from: bytes(column))
  }
}
