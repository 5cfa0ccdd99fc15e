import Crypto

/// One command, encoded when it is made.
public struct RedisCommand: Sendable {
  /// One word of a command.
  public enum Argument: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringInterpolation {
    case text(String)
    case bytes([UInt8])
    case number(Int)
    case real(Double)

    public init(stringLiteral text: String) { self = .text(text) }
    public init(integerLiteral number: Int) { self = .number(number) }

    var bytes: [UInt8] {
      switch self {
      case .text(let text): Array(text.utf8)
      case .bytes(let bytes): bytes
      case .number(let number): Array(String(number).utf8)
      case .real(let number): Array(String(number).utf8)
      }
    }
  }

  let encoded: [UInt8]
  /// The slot of its key; nothing where any node will do.
  let slot: Int?
  /// Whether it may be sent again when the connection died before the answer came.
  let isRepeatable: Bool
  /// What is sent instead when the node does not know the script.
  let whole: [UInt8]?

  /// - Parameters:
  ///   - key: which node has it; commands of one key are carried in order.
  ///   - isRepeatable: whether doing it twice is as good as once.
  public init(_ words: [Argument], key: String? = nil, isRepeatable: Bool = false) {
    encoded = Self.encode(words)
    slot = key.map(KeySlot.of)
    self.isRepeatable = isRepeatable
    whole = nil
  }

  /// A call of a script by its hash; the text is sent when the node does not know it.
  public init(_ script: RedisScript, keys: [String], _ arguments: [Argument], isRepeatable: Bool = false) {
    let words = [.number(keys.count)] + keys.map { Argument.text($0) } + arguments
    encoded = Self.encode([.text("EVALSHA"), .text(script.hash)] + words)
    whole = Self.encode([.text("EVAL"), .text(script.text)] + words)
    slot = keys.first.map(KeySlot.of)
    self.isRepeatable = isRepeatable
  }

  static func encode(_ words: [Argument]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(64)
    bytes.append(UInt8(ascii: "*"))
    append(words.count, to: &bytes)
    for word in words {
      let word = word.bytes
      bytes.append(UInt8(ascii: "$"))
      append(word.count, to: &bytes)
      bytes += word
      bytes.append(0x0D)
      bytes.append(0x0A)
    }
    return bytes
  }

  private static func append(_ number: Int, to bytes: inout [UInt8]) {
    bytes += String(number).utf8
    bytes.append(0x0D)
    bytes.append(0x0A)
  }
}

/// A Lua script, known to Redis by the hash of its text.
public struct RedisScript: Sendable, Hashable {
  public let text: String
  let hash: String

  public init(_ text: String) {
    self.text = text
    // Redis names scripts by SHA-1; nothing secret hangs on it.
    let letters = Array("0123456789abcdef")
    hash = String(Insecure.SHA1.hash(data: Array(text.utf8)).flatMap { [letters[Int($0 >> 4)], letters[Int($0 & 15)]] })
  }
}
