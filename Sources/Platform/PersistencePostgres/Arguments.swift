import Persistence

/// Lends texts as C wants them, ended by a null.
func withTexts<Result>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result) -> Result {
  var copies = texts.map { Array($0.utf8CString) }
  return copies.withUnsafeMutableBufferPointer { copies in
    func lend(_ index: Int, _ pointers: [UnsafePointer<CChar>?]) -> Result {
      if index == copies.count { return (pointers + [nil]).withUnsafeBufferPointer { body($0.baseAddress!) } }
      return copies[index].withUnsafeBufferPointer { lend(index + 1, pointers + [$0.baseAddress]) }
    }
    return lend(0, [])
  }
}

/// Lends a statement's arguments in the shape libpq takes: texts ended by a zero, bytes as they are.
func withArguments<Result>(
  _ arguments: [SQLValue],
  _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Result
) -> Result {
  if arguments.isEmpty { return body(nil, nil, nil) }
  // One stretch of memory for all: 24 bytes hold any number.
  var room = 0
  for argument in arguments {
    switch argument {
    case .null: break
    case .integer: room += 24
    case .real: room += 40
    case .text(let text): room += text.utf8.count + 1
    case .bytes(let bytes): room += bytes.count
    case .uuid: room += 37
    }
  }
  let count = arguments.count
  return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room + 1) { memory in
    withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: count * 2) { numbers in
        var used = 0
        func write(_ bytes: UnsafeBufferPointer<UInt8>) {
          if let base = bytes.baseAddress { (memory.baseAddress! + used).update(from: base, count: bytes.count) }
          used += bytes.count
        }
        for (index, argument) in arguments.enumerated() {
          let start = used
          var isBinary = false
          switch argument {
          case .null: break
          case .integer(let value): used += digits(of: value, at: memory.baseAddress! + used)
          case .real(let value): for byte in value.description.utf8 { memory[used] = byte; used += 1 }
          case .text(var text): text.withUTF8(write)
          case .bytes(let bytes):
            bytes.withUnsafeBufferPointer(write)
            isBinary = true
          case .uuid(let high, let low): SQLValue.withCharacters(high, low, write)
          }
          numbers[index] = Int32(used - start)
          numbers[count + index] = isBinary ? 1 : 0
          if case .null = argument {
            values[index] = nil
          } else {
            values[index] = UnsafeRawPointer(memory.baseAddress! + start).assumingMemoryBound(to: CChar.self)
            if !isBinary {
              memory[used] = 0
              used += 1
            }
          }
        }
        return body(values.baseAddress, numbers.baseAddress, numbers.baseAddress! + count)
      }
    }
  }
}

/// Writes a number in decimal; answers how many bytes it took.
private func digits(of value: Int, at start: UnsafeMutablePointer<UInt8>) -> Int {
  if value == 0 {
    start[0] = 0x30
    return 1
  }
  var count = 0
  var rest = value.magnitude
  while rest > 0 {
    start[count] = UInt8(rest % 10) + 0x30
    rest /= 10
    count += 1
  }
  if value < 0 {
    start[count] = 0x2D
    count += 1
  }
  var number = UnsafeMutableBufferPointer(start: start, count: count)
  number.reverse()
  return count
}
