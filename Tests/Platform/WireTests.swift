import Foundation
import Kernel
import ServiceKit
import TestKit
import Testing
import Wire

/// Everything a value can be made of.
@Wire struct Everything: Hashable, Sendable {
  var text: String
  var number: Double = 0
  var count: Int = 0
  var flag: Bool = false
  var colour: Colour?
  var inner: [Inner] = []
  var note: String?
  var raw: RawJSON = RawJSON(bytes: [0x6E, 0x75, 0x6C, 0x6C])

  @Wire struct Inner: Hashable, Sendable {
    @Field(.within(0...9)) var digit: Int
    var id: ThingID?
  }
}

@Suite struct WireTests {
  private func faults(_ json: String) -> [String] {
    do { _ = try decode(Everything.self, from: Array(json.utf8)); return [] } catch { return error.all.map(\.description) }
  }

  @Test(arguments: [
    ("0", 0), ("-0", 0), ("12", 12), ("-7", -7), ("1.0", 1), ("1e2", 100), ("100E-1", 10), ("9223372036854775807", .max),
    ("-9223372036854775807", .min + 1)
  ]) func wholeNumbersAreRead(_ text: String, _ value: Int) throws {
    #expect(try decode(Int.self, from: Array(text.utf8)) == value)
  }

  @Test(arguments: [
    "1.5", "9223372036854775808", "1e30", "1e999", "\"1\"", "true", "null", "[]", "01", "-", "+1", "1.", ".5", "1e", "--1", "0x1", "1_0", "NaN", ""
  ])
  func whatIsNoWholeNumberIsRefused(_ text: String) {
    #expect(throws: InvalidInput.self) { try decode(Int.self, from: Array(text.utf8)) }
  }

  @Test(arguments: [
    "0", "-0.0", "0.1", "40.712776", "-74.005974", "1e-7", "123456789012345678", "0.30000000000000004", "5e-324", "1.7976931348623157e308",
    "3.14159265358979", "9007199254740993"
  ])
  func numbersAreReadAsTheLanguageReadsThem(_ text: String) throws {
    #expect(try decode(Double.self, from: Array(text.utf8)) == Double(text)!)
  }

  @Test func everyFaultIsToldWithItsPath() {
    let json = #"{"number":"x","count":1.5,"colour":"blue","inner":[{"digit":3},{"digit":12},{"id":"7"},5],"note":7}"#
    #expect(
      faults(json) == [
        "number: must be a number", "count: must be a whole number", "colour: must be one of red, green", "inner[1].digit: must be at most 9",
        "inner[2].id: must be a UUID", "inner[2].digit: is required", "inner[3]: must be an object", "note: must be text", "text: is required"
      ])
  }

  @Test func oddTextsAreHeldToTheRules() throws {
    #expect(faults(#"{"text":"a\u0000b"}"#) == ["text: must not contain the character NUL"])
    #expect(faults(#"{"text":"a","text":"b"}"#) == ["text: is given twice"])
    #expect(
      try decode(Everything.self, from: Array(#"{"t\u0065xt":"\ud83c\udf5b \/ \b\f\n\r\t\"\\ naïve"}"#.utf8)).text == "🍛 / \u{8}\u{C}\n\r\t\"\\ naïve"
    )
    for bad in [
      #"{"text":"\ud800"}"#, #"{"text":"\udc00"}"#, #"{"text":"\ud800\u0041"}"#, #"{"text":"\x"}"#, #"{"text":"\u12"}"#, #"{"te\xt":"a"}"#,
      "{\"text\":\"a\u{1}\"}"
    ] {
      #expect(throws: InvalidInput.self, "\(bad)") { try decode(Everything.self, from: Array(bad.utf8)) }
    }
    let deep = #"{"text":"a","raw":"# + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000) + "}"
    #expect(throws: InvalidInput.self) { try decode(Everything.self, from: Array(deep.utf8)) }
  }

  // MARK: Properties

  /// A reader that is fed anything answers, agrees with Foundation on what is JSON, and gives back what was written.
  @Test func anythingCanBeRead() throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("WireTests.anythingCanBeRead seed \(seed)")
    var generator = SeededGenerator(seed)
    for _ in 0..<3000 {
      let value = Self.anyEverything(&generator)
      let bytes = encode(value)
      let back = try decode(Everything.self, from: bytes)
      #expect(encode(back) == bytes, "seed \(seed)")
      #expect((try? JSONSerialization.jsonObject(with: Data(bytes))) != nil, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
    }
    for _ in 0..<20_000 {
      var bytes = encode(Self.anyEverything(&generator))
      for _ in 0..<Int.random(in: 1...4, using: &generator) { Self.spoil(&bytes, &generator) }
      let isRead = (try? decode(Everything.self, from: bytes)) != nil
      let isJSON = (try? decode(RawJSON.self, from: bytes)) != nil
      if isRead { #expect(isJSON, "seed \(seed)") }
      // Foundation is laxer in places (it takes a byte order mark, other encodings); what we take, it must take.
      if isJSON {
        let theirs = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
        #expect(theirs || Self.isBeyondFoundation(bytes), "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  /// Numbers beyond Double are JSON, but Foundation refuses them.
  private static func isBeyondFoundation(_ bytes: [UInt8]) -> Bool {
    String(decoding: bytes, as: UTF8.self).contains(/[0-9]{18,}|[eE]\+?[0-9]{2,}|[eE]-[0-9]{3,}/)
  }

  private static func spoil(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    guard !bytes.isEmpty else { bytes = [UInt8.random(in: 0...255, using: &generator)]; return }
    let at = Int.random(in: 0..<bytes.count, using: &generator)
    let likely = Array(#"{}[]",:\u0dt.eE+-123nf "#.utf8)
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
    case 1: bytes[at] = likely.randomElement(using: &generator)!
    case 2: bytes.remove(at: at)
    case 3: bytes.insert(likely.randomElement(using: &generator)!, at: at)
    default: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
    }
  }

  private static func anyEverything(_ generator: inout SeededGenerator) -> Everything {
    let scalars: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "\u{1}", "é", "🍛", "\u{7F}", " ", "/", "\u{2028}", "\u{FFFF}"]
    func text() -> String {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...12, using: &generator) { text.append(scalars.randomElement(using: &generator)!) }
      return String(text)
    }
    let inner = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
      Everything.Inner(
        digit: Int.random(in: 0...9, using: &generator),
        id: Bool.random(using: &generator) ? ThingID(high: generator.next(), low: generator.next()) : nil)
    }
    let bits = Double(bitPattern: generator.next())
    return Everything(
      text: text(), number: Bool.random(using: &generator) && bits.isFinite ? bits : Double.random(in: -180...180, using: &generator),
      count: Int.random(in: -1_000_000...(.max), using: &generator), flag: Bool.random(using: &generator),
      colour: Colour.allCases.randomElement(using: &generator),
      inner: inner, note: Bool.random(using: &generator) ? text() : nil)
  }
}
