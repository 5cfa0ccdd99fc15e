import Crypto
public import Kernel

/// Time-based one-time passwords (RFC 6238): HMAC-SHA-1, steps of 30 seconds, six digits, as every authenticator app has them.
public struct TimeCode: Sendable {
  public static let stepSeconds = 30
  private let secret: [UInt8]

  /// - Parameter secret: what the app and we share; at least 128 bits (RFC 4226, section 4).
  public init(secret: [UInt8]) { self.secret = secret }

  /// The step that a moment belongs to.
  public static func step(at instant: Instant) -> Int { instant.milliseconds / 1000 / stepSeconds }

  /// The code of a step.
  public func code(at step: Int, digits: Int = 6) -> String {
    let counter = withUnsafeBytes(of: UInt64(step).bigEndian) { Array($0) }
    let hash = Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
    let offset = Int(hash[19] & 15)
    let word = hash[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
    let number = String(word % Self.powers[digits])
    return String(repeating: "0", count: digits - number.count) + number
  }

  /// The step whose code this is, of those around now, so that a clock may be half a minute off; the steps up to `last` are used up.
  public func match(_ code: String, at instant: Instant, after last: Int) -> Int? {
    let now = Self.step(at: instant)
    // All are computed, so that the time tells nothing.
    return (now - 1...now + 1).filter { isSameText(self.code(at: $0), code) && $0 > last }.first
  }

  private static let powers = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000]
}

/// Compares without telling by its time where the first difference stands.
func isSameText(_ left: String, _ right: String) -> Bool {
  let (left, right) = (Array(left.utf8), Array(right.utf8))
  guard left.count == right.count else { return false }
  return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
