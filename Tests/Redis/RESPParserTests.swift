import NIOCore
import Testing

@testable import RedisClient

@Suite struct RESPParserTests {
  /// A generator whose numbers are the same on every run.
  struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  private func value(_ dice: inout Dice, depth: Int) -> RedisValue {
    switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &dice) {
    case 0: .null
    case 1: .integer(Int(truncatingIfNeeded: dice.next()))
    case 2: .bytes((0..<Int.random(in: 0...40, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) })
    case 3: .error("ERR \(dice.next())")
    case 4: .boolean(Bool.random(using: &dice))
    case 5: .double(Double(Int.random(in: -1000...1000, using: &dice)) / 8)
    case 6: .array((0..<Int.random(in: 0...4, using: &dice)).map { _ in value(&dice, depth: depth - 1) })
    case 7: .map((0..<2 * Int.random(in: 0...3, using: &dice)).map { _ in value(&dice, depth: depth - 1) })
    default: .push((0..<Int.random(in: 1...3, using: &dice)).map { _ in value(&dice, depth: depth - 1) })
    }
  }

  private func encode(_ value: RedisValue) -> [UInt8] {
    func list(_ sign: String, _ count: Int, _ elements: [RedisValue]) -> [UInt8] { Array("\(sign)\(count)\r\n".utf8) + elements.flatMap(encode) }
    return switch value {
    case .null: Array("_\r\n".utf8)
    case .integer(let number): Array(":\(number)\r\n".utf8)
    case .double(let number): Array(",\(number)\r\n".utf8)
    case .boolean(let truth): Array("#\(truth ? "t" : "f")\r\n".utf8)
    case .bytes(let bytes): Array("$\(bytes.count)\r\n".utf8) + bytes + [13, 10]
    case .error(let words): Array("-\(words)\r\n".utf8)
    case .array(let elements): list("*", elements.count, elements)
    case .map(let elements): list("%", elements.count / 2, elements)
    case .push(let elements): list(">", elements.count, elements)
    }
  }

  private func parse(_ parts: [ArraySlice<UInt8>]) throws -> [RedisValue] {
    var parser = RESPParser()
    var values: [RedisValue] = []
    for part in parts {
      parser.append(part)
      while let value = try parser.next() { values.append(value) }
    }
    return values
  }

  @Test(arguments: 1...200) func anyCutOfTheBytesGivesTheSameValues(_ seed: Int) throws {
    var dice = Dice(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
    let values = (0..<20).map { _ in value(&dice, depth: 3) }
    let bytes = values.flatMap(encode)
    #expect(try parse([bytes[...]]) == values)
    #expect(try parse(bytes.map { [$0] }) == values)
    var parts: [ArraySlice<UInt8>] = []
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + Int.random(in: 1...60, using: &dice))
      parts.append(bytes[start..<end])
      start = end
    }
    #expect(try parse(parts) == values)
  }

  @Test(arguments: 1...200) func noRubbishBreaksTheParser(_ seed: Int) {
    var dice = Dice(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
    var bytes = (0..<10).flatMap { _ in encode(value(&dice, depth: 3)) }
    for _ in 0..<Int.random(in: 1...8, using: &dice) {
      bytes[Int.random(in: 0..<bytes.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
    }
    // Whatever it makes of it: it ends, and does not trap.
    _ = try? parse([bytes[...]])
  }

  @Test(arguments: [
    "$99999999999\r\n", "$-2\r\n", "*99999999999\r\n", "*-2\r\n", "%9223372036854775807\r\n", "*1048577\r\n", ":12a\r\n", ":\r\n", "#x\r\n", "_1\r\n",
    "$3\r\nabcd\r\n", "?\r\n", "\r\n", ":1\n", ",abc\r\n", ":99999999999999999999\r\n", "$+5 \r\n"
  ])
  func hostileLengthsAndFormsAreRefused(_ text: String) {
    #expect(throws: RESPFault.self) { try parse([Array(text.utf8)[...]]) }
  }

  @Test func depthIsBounded() throws {
    #expect(throws: RESPFault.self) { try parse([Array(String(repeating: "*1\r\n", count: 17).utf8)[...]]) }
    let deep = Array((String(repeating: "*1\r\n", count: 16) + ":1\r\n").utf8)
    #expect(try parse([deep[...]]).count == 1)
  }

  @Test func manyListsTogetherAreBounded() {
    var parser = RESPParser(limits: .init(bulkBytes: 100, elements: 10, depth: 4, lineBytes: 100))
    parser.append(Array("*5\r\n*6\r\n".utf8))
    #expect(throws: RESPFault.self) { try parser.next() }
  }

  @Test func aLineHasAnEnd() {
    var parser = RESPParser()
    parser.append([UInt8(ascii: "+")] + Array(repeating: UInt8(ascii: "x"), count: 70_000))
    #expect(throws: RESPFault.self) { try parser.next() }
  }

  @Test func attributesArePassedOver() throws {
    let text = "|1\r\n+ttl\r\n:5\r\n*2\r\n|1\r\n+a\r\n*1\r\n:9\r\n:1\r\n=7\r\ntxt:abc\r\n"
    #expect(try parse([Array(text.utf8)[...]]) == [.array([.integer(1), .text("abc")])])
  }

  @Test(arguments: [("foo", 12_182), ("123456789", 12_739), ("{user1000}.following", 3443), ("foo{}{bar}", 8363), ("foo{{bar}}zap", 4015)])
  func keysHaveTheSlotsOfTheSpecification(_ key: String, _ slot: Int) { #expect(KeySlot.of(key) == slot) }

  @Test(arguments: [
    ("redis://localhost", "redis://localhost:6379/0"), ("redis://:p%40ss@h:1/3", "redis://h:1/3"), ("rediss://u:x@[::1]:7/", "rediss://[::1]:7/0"),
    ("redis+cluster://a:1,b:2", "redis+cluster://a:1,b:2"), ("redis+sentinel://a,b:2/mymaster/4", "redis+sentinel://a:26379,b:2/mymaster/4")
  ])
  func addressesAreRead(_ text: String, _ same: String) throws {
    let address = try RedisAddress(text)
    #expect(address.description == same)
    if text.contains("p%40ss") { #expect(address.password == "p@ss") }
  }

  @Test(arguments: [
    "localhost:6379", "http://x", "redis://", "redis://h:0", "redis://h:99999", "redis://h/x", "redis://a,b", "redis+cluster://a/1",
    "redis+sentinel://a", "redis://user@h", "redis://:%zz@h", "redis+ring://h", "redis://h/1/2"
  ])
  func wrongAddressesAreRefused(_ text: String) { #expect(throws: RedisAddressFault.self) { try RedisAddress(text) } }
}
