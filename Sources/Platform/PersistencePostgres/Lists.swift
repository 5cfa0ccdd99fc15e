import Persistence

/// What a list of arguments holds.
enum ListType: Hashable {
  case integers, reals, texts, bytes
  /// All of it null.
  case nothing

  /// As SQL names it.
  var name: String {
    switch self {
    case .integers: "bigint"
    case .reals: "double precision"
    case .texts, .nothing: "text"
    case .bytes: "bytea"
    }
  }

  /// The number under which the server knows it.
  fileprivate var identifier: Int32 {
    switch self {
    case .integers: 20
    case .reals: 701
    case .texts, .nothing: 25
    case .bytes: 17
    }
  }

  /// The types of so many lists of which the arguments are the rows, one behind the other; nil where a list holds more than one type.
  static func of(_ arguments: [SQLValue], lists count: Int) -> [ListType]? {
    var types = Array(repeating: ListType.nothing, count: count)
    for row in stride(from: 0, to: arguments.count, by: count) {
      for place in 0..<count {
        let type: ListType
        switch arguments[row + place] {
        case .null: continue
        case .integer: type = .integers
        case .real: type = .reals
        case .text: type = .texts
        case .bytes: type = .bytes
        }
        if types[place] == .nothing { types[place] = type } else if types[place] != type { return nil }
      }
    }
    return types
  }
}

/// Lends lists of which the arguments are the rows, in the binary shape of the server's arrays.
///
/// Source: `array_recv` in PostgreSQL's `arrayfuncs.c`: dimensions, whether there are nulls, the elements' type, length and lower bound,
/// then each element behind its length.
func withLists<Result>(
  _ arguments: [SQLValue], _ types: [ListType],
  _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Result
) -> Result {
  let rows = arguments.count / types.count
  var room = types.count * 20 + arguments.count * 4
  for argument in arguments {
    switch argument {
    case .null: break
    case .integer, .real: room += 8
    case .text(let text): room += text.utf8.count
    case .bytes(let bytes): room += bytes.count
    }
  }
  return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { memory in
    withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: types.count) { values in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: types.count * 2) { numbers in
        var used = 0
        func put(_ number: some FixedWidthInteger) {
          UnsafeMutableRawPointer(memory.baseAddress! + used).storeBytes(of: number.bigEndian, as: type(of: number))
          used += number.bitWidth / 8
        }
        func put(_ bytes: UnsafeBufferPointer<UInt8>) {
          put(Int32(bytes.count))
          if let base = bytes.baseAddress { (memory.baseAddress! + used).update(from: base, count: bytes.count) }
          used += bytes.count
        }
        for (place, type) in types.enumerated() {
          let start = used
          for number in [1, 1, type.identifier, Int32(rows), 1] as [Int32] { put(number) }
          for index in stride(from: place, to: arguments.count, by: types.count) {
            switch arguments[index] {
            case .null: put(Int32(-1))
            case .integer(let value):
              put(Int32(8))
              put(Int64(value))
            case .real(let value):
              put(Int32(8))
              put(value.bitPattern)
            case .text(var text): text.withUTF8(put)
            case .bytes(let bytes): bytes.withUnsafeBufferPointer(put)
            }
          }
          values[place] = UnsafeRawPointer(memory.baseAddress! + start).assumingMemoryBound(to: CChar.self)
          numbers[place] = Int32(used - start)
          numbers[types.count + place] = 1
        }
        return body(values.baseAddress, numbers.baseAddress, numbers.baseAddress! + types.count)
      }
    }
  }
}
