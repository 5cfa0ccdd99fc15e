import Kernel
import Testing
import Tokens

struct TimeCodeTests {
  /// RFC 6238, appendix B, for SHA-1.
  @Test(arguments: [
    (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"), (2_000_000_000, "69279037"),
    (20_000_000_000, "65353130")
  ])
  func codesAreThoseOfTheStandard(seconds: Int, expected: String) {
    let code = TimeCode(secret: Array("12345678901234567890".utf8))
    let instant = Instant(milliseconds: seconds * 1000)
    #expect(code.code(at: TimeCode.step(at: instant), digits: 8) == expected)
    #expect(code.code(at: TimeCode.step(at: instant)) == expected.suffix(6))
  }

  @Test func aClockMayBeHalfAMinuteOff() {
    let code = TimeCode(secret: Array("12345678901234567890".utf8))
    let now = Instant(milliseconds: 1_234_567_890_000)
    let step = TimeCode.step(at: now)
    for offset in -1...1 { #expect(code.match(code.code(at: step + offset), at: now, after: 0) == step + offset) }
    #expect(code.match(code.code(at: step - 2), at: now, after: 0) == nil)
    #expect(code.match(code.code(at: step + 2), at: now, after: 0) == nil)
    #expect(code.match(code.code(at: step), at: now, after: step) == nil, "what was used is used")
    #expect(code.match("", at: now, after: 0) == nil)
  }

  /// RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI")
  ])
  func base32IsThatOfTheStandard(text: String, expected: String) {
    #expect(Base32.encode(Array(text.utf8)) == expected)
    #expect(Base32.decode(expected.lowercased()) == Array(text.utf8))
    #expect(Base32.decode("MZ1") == nil)
  }
}
