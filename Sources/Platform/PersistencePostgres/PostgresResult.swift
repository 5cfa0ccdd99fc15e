import CLibPQ
import Persistence

/// What a statement answered; freed with the last reference.
final class PostgresResult {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }
  deinit { PQclear(pointer) }

  var rowCount: Int32 { PQntuples(pointer) }
  /// How many rows the statement changed.
  var changed: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

  /// Lends each row in turn.
  func forEach(_ body: (PostgresRow) throws -> Void) rethrows {
    let row = PostgresRow(self)
    for index in 0..<rowCount {
      row.index = index
      try body(row)
    }
  }

  /// What was done, such as `COMMIT`.
  var command: String { String(cString: PQcmdStatus(pointer)) }
}

/// One row of a result, in PostgreSQL's text format.
final class PostgresRow: Row {
  private let result: PostgresResult
  fileprivate(set) var index: Int32 = 0

  init(_ result: PostgresResult) { self.result = result }

  private func value(_ column: Int) -> UnsafeBufferPointer<UInt8> {
    guard let start = PQgetvalue(result.pointer, index, Int32(column)) else { return UnsafeBufferPointer(start: nil, count: 0) }
    let count = Int(PQgetlength(result.pointer, index, Int32(column)))
    return UnsafeBufferPointer(start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self), count: count)
  }

  func isNull(_ column: Int) -> Bool { PQgetisnull(result.pointer, index, Int32(column)) != 0 }

  func integer(_ column: Int) -> Int {
    let text = value(column)
    guard let first = text.first else { return 0 }
    let isNegative = first == 0x2D
    var number = 0
    for byte in isNegative ? text[1...] : text[...] {
      // A boolean says `t`; a sum of whole numbers is a NUMERIC, whose places after the point are zero.
      if byte == 0x74 { return 1 }
      guard 0x30...0x39 ~= byte else { break }
      number = number &* 10 &+ (isNegative ? -Int(byte - 0x30) : Int(byte - 0x30))
    }
    return number
  }

  func real(_ column: Int) -> Double { Double(text(column)) ?? 0 }
  func text(_ column: Int) -> String { String(decoding: value(column), as: UTF8.self) }

  func bytes(_ column: Int) -> [UInt8] {
    let text = value(column)
    guard PQftype(result.pointer, Int32(column)) == 17 else { return Array(text) }
    // BYTEA comes as `\x` and hexadecimal digits.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(max(0, text.count / 2 - 1))
    var index = 2
    while index + 1 < text.count {
      bytes.append(Self.digit(text[index]) << 4 | Self.digit(text[index + 1]))
      index += 2
    }
    return bytes
  }

  private static func digit(_ byte: UInt8) -> UInt8 { byte < 0x40 ? byte - 0x30 : byte - 0x57 }
}
