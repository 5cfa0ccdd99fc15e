/// One value of Redis's protocol, RESP3.
public indirect enum RedisValue: Sendable, Hashable {
  case null
  case integer(Int)
  case double(Double)
  case boolean(Bool)
  /// Text or bytes: simple strings, bulk strings, verbatim strings and big numbers.
  case bytes([UInt8])
  /// What Redis refused, such as `WRONGTYPE Operation against ...`.
  case error(String)
  /// A list or a set.
  case array([RedisValue])
  /// Keys and values in turn, as they came.
  case map([RedisValue])
  /// What comes unasked, such as a published message.
  case push([RedisValue])

  public static func text(_ text: String) -> RedisValue { .bytes(Array(text.utf8)) }

  /// The bytes, where it is text.
  public var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }

  /// The text, where it is text, or the number's digits.
  public var text: String? {
    switch self {
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    case .integer(let number): String(number)
    case .double(let number): String(number)
    default: nil
    }
  }

  /// The number, where it is one or a text of digits.
  public var integer: Int? {
    switch self {
    case .integer(let number): number
    case .bytes: text.flatMap { Int($0) }
    default: nil
    }
  }

  /// The number, where it is one or a text of one.
  public var double: Double? {
    switch self {
    case .double(let number): number
    case .integer(let number): Double(number)
    case .bytes: text.flatMap { Double($0) }
    default: nil
    }
  }

  /// The elements, where it has any.
  public var elements: [RedisValue]? {
    switch self {
    case .array(let elements), .map(let elements), .push(let elements): elements
    default: nil
    }
  }

  /// Whether Redis had nothing to answer with.
  public var isNull: Bool { self == .null }
}
