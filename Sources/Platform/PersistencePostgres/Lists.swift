import Persistence

/// What a list of arguments holds.
enum ListType: Hashable {
  case integers, reals, texts, bytes
  /// All of it null.
  case nothing

  /// The numbers under which the server knows the elements and the list, from its `pg_type.dat`.
  private var numbers: (element: UInt32, list: UInt32) {
    switch self {
    case .integers: (20, 1016)
    case .reals: (701, 1022)
    case .texts, .nothing: (25, 1009)
    case .bytes: (17, 1001)
    }
  }

  fileprivate var element: UInt32 { numbers.element }
  var list: UInt32 { numbers.list }

  /// The types of so many lists of which each of the arguments is a row, or several; nil where a list holds more than one type.
  static func of(_ arguments: [[SQLValue]], lists count: Int) -> [ListType]? {
    var types = Array(repeating: ListType.nothing, count: count)
    for row in arguments {
      var place = 0
      for value in row {
        let type: ListType =
          switch value {
          case .null: .nothing
          case .integer: .integers
          case .real: .reals
          case .text, .uuid: .texts
          case .bytes: .bytes
          }
        if type != .nothing {
          if types[place] == .nothing { types[place] = type } else if types[place] != type { return nil }
        }
        place = place + 1 == count ? 0 : place + 1
      }
    }
    return types
  }
}

/// Lends lists of which each of the arguments is a row, or several, in the binary shape of the server's arrays.
///
/// Source: `array_recv` in PostgreSQL's `arrayfuncs.c`: dimensions, whether there are nulls, the elements' type, length and lower bound,
/// then each element behind its length.
func withLists<Result>(
  _ arguments: [[SQLValue]], _ types: [ListType],
  _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Result
) -> Result {
  var count = 0
  var room = types.count * 20
  for row in arguments {
    count += row.count
    for argument in row {
      switch argument {
      case .null: break
      case .integer, .real: room += 8
      case .text(let text): room += text.utf8.count
      case .bytes(let bytes): room += bytes.count
      case .uuid: room += 36
      }
    }
  }
  room += count * 4
  let rows = Int32(count / types.count)
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
          for number in [1, 1, Int32(type.element), rows, 1] as [Int32] { put(number) }
          for row in arguments {
            for index in stride(from: place, to: row.count, by: types.count) {
              switch row[index] {
              case .null: put(Int32(-1))
              case .integer(let value):
                put(Int32(8))
                put(Int64(value))
              case .real(let value):
                put(Int32(8))
                put(value.bitPattern)
              case .text(var text): text.withUTF8(put)
              case .bytes(let bytes): bytes.withUnsafeBufferPointer(put)
              case .uuid(let high, let low): SQLValue.withCharacters(high, low, put)
              }
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
