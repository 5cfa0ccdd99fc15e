import Foundation
import NIOCore

/// Takes values out of a stream of bytes, however it is cut; refuses lengths and depths that no honest server sends.
///
/// Nothing is read twice: what is unfinished stands on a stack until more comes. An announced length reserves nothing.
struct RESPParser {
  /// What is put up with.
  struct Limits: Sendable {
    var bulkBytes = 64 << 20
    /// Elements of one answer, all depths together.
    var elements = 1 << 20
    var depth = 16
    var lineBytes = 64 << 10
  }

  private enum Kind { case array, map, push, attribute }

  private struct Open {
    var kind: Kind
    var remaining: Int
    var elements: [RedisValue] = []
  }

  private enum Step {
    case value(RedisValue)
    case opened
    case needsMore
  }

  private let limits: Limits
  private var buffer = ByteBuffer()
  /// Bytes of the unfinished line in which its end was looked for.
  private var scanned = 0
  private var stack: [Open] = []
  private var bulk: (kind: UInt8, count: Int)?
  private var elements = 0

  init(limits: Limits = Limits()) { self.limits = limits }

  mutating func append(_ part: inout ByteBuffer) {
    if buffer.readableBytes == 0 {
      buffer = part
    } else {
      buffer.discardReadBytes()
      buffer.writeBuffer(&part)
    }
  }

  mutating func append(_ bytes: some Sequence<UInt8>) { buffer.writeBytes(bytes) }

  /// The next whole value, or `nil` until more bytes come.
  ///
  /// - Throws: `RESPFault` after which the stream is of no more use.
  mutating func next() throws(RESPFault) -> RedisValue? {
    while true {
      switch try step() {
      case .needsMore: return nil
      case .opened: continue
      case .value(let value): if let whole = close(value) { return whole }
      }
    }
  }

  /// Puts a finished value into what it is part of; answers what is whole by it.
  private mutating func close(_ value: RedisValue) -> RedisValue? {
    var value = value
    while let last = stack.indices.last {
      stack[last].elements.append(value)
      stack[last].remaining -= 1
      if stack[last].remaining > 0 { return nil }
      let open = stack.removeLast()
      switch open.kind {
      case .array: value = .array(open.elements)
      case .map: value = .map(open.elements)
      case .push: value = .push(open.elements)
      case .attribute: return nil  // Attributes tell of the value that follows them; nobody here asks for any.
      }
    }
    elements = 0
    return value
  }

  private mutating func step() throws(RESPFault) -> Step {
    if let bulk {
      guard buffer.readableBytes >= bulk.count + 2 else { return .needsMore }
      let bytes = buffer.readBytes(length: bulk.count) ?? []
      guard buffer.readInteger(as: UInt16.self) == 0x0D0A else { throw RESPFault("a string does not end where it should") }
      self.bulk = nil
      return .value(Self.string(bytes, bulk.kind))
    }
    guard let line = try readLine(), let kind = line.first else { return .needsMore }
    let text = line.dropFirst()
    switch kind {
    case UInt8(ascii: "+"), UInt8(ascii: "("): return .value(.bytes(Array(text)))
    case UInt8(ascii: "-"): return .value(.error(String(decoding: text, as: UTF8.self)))
    case UInt8(ascii: ":"): return .value(.integer(try Self.integer(text)))
    case UInt8(ascii: "_"):
      guard text.isEmpty else { throw RESPFault("a null has a value") }
      return .value(.null)
    case UInt8(ascii: "#"):
      guard text.count == 1, let letter = text.first, letter == UInt8(ascii: "t") || letter == UInt8(ascii: "f") else {
        throw RESPFault("a boolean is neither t nor f")
      }
      return .value(.boolean(letter == UInt8(ascii: "t")))
    case UInt8(ascii: ","): return .value(.double(try Self.double(text)))
    case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
      let count = try Self.integer(text)
      if count == -1, kind == UInt8(ascii: "$") { return .value(.null) }
      guard 0...limits.bulkBytes ~= count else { throw RESPFault("a string of \(count) bytes") }
      bulk = (kind, count)
      return .opened
    case UInt8(ascii: "*"), UInt8(ascii: "~"): return try open(.array, text, times: 1)
    case UInt8(ascii: ">"): return try open(.push, text, times: 1)
    case UInt8(ascii: "%"): return try open(.map, text, times: 2)
    case UInt8(ascii: "|"): return try open(.attribute, text, times: 2)
    default: throw RESPFault("a value of unknown kind \(kind)")
    }
  }

  private mutating func open(_ kind: Kind, _ text: ArraySlice<UInt8>, times: Int) throws(RESPFault) -> Step {
    let count = try Self.integer(text)
    if count == -1, kind == .array { return .value(.null) }
    guard count >= 0, count <= limits.elements else { throw RESPFault("a list of \(count) elements") }
    elements += count * times
    guard elements <= limits.elements else { throw RESPFault("more than \(limits.elements) elements") }
    guard stack.count < limits.depth else { throw RESPFault("deeper than \(limits.depth)") }
    if count == 0 {
      switch kind {
      case .array: return .value(.array([]))
      case .map: return .value(.map([]))
      case .push: return .value(.push([]))
      case .attribute: return .opened
      }
    }
    stack.append(Open(kind: kind, remaining: count * times))
    return .opened
  }

  private mutating func readLine() throws(RESPFault) -> [UInt8]? {
    let scanned = scanned
    let found = buffer.withUnsafeReadableBytes { bytes -> Int? in
      guard let start = bytes.baseAddress, bytes.count > scanned else { return nil }
      // Each byte is looked at once, however often more comes.
      guard let place = memchr(start + scanned, 0x0A, bytes.count - scanned) else { return nil }
      return UnsafeRawPointer(place) - start
    }
    guard let end = found else {
      self.scanned = buffer.readableBytes
      if buffer.readableBytes > limits.lineBytes { throw RESPFault("a line of more than \(limits.lineBytes) bytes") }
      return nil
    }
    guard end <= limits.lineBytes, let line = buffer.readBytes(length: end + 1) else { throw RESPFault("a line of \(end) bytes") }
    self.scanned = 0
    guard line.count >= 3, line[line.count - 2] == 0x0D else { throw RESPFault("a line without its end") }
    return Array(line.dropLast(2))
  }

  private static func string(_ bytes: [UInt8], _ kind: UInt8) -> RedisValue {
    switch kind {
    case UInt8(ascii: "!"): .error(String(decoding: bytes, as: UTF8.self))
    case UInt8(ascii: "="): .bytes(Array(bytes.dropFirst(4)))  // "txt:" says what kind of text it is.
    default: .bytes(bytes)
    }
  }

  private static func integer(_ text: ArraySlice<UInt8>) throws(RESPFault) -> Int {
    guard text.count <= 20, let number = Int(String(decoding: text, as: UTF8.self)) else { throw RESPFault("a number that is none") }
    return number
  }

  private static func double(_ text: ArraySlice<UInt8>) throws(RESPFault) -> Double {
    switch String(decoding: text, as: UTF8.self) {
    case "inf": return .infinity
    case "-inf": return -.infinity
    case "nan", "-nan": return .nan
    case let text:
      guard text.utf8.count <= 64, let number = Double(text) else { throw RESPFault("a number that is none") }
      return number
    }
  }
}

/// The bytes are not RESP, or more than is put up with.
struct RESPFault: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
