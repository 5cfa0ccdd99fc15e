import CCrypt
import Foundation
import ServiceKit

/// Hashes passwords with bcrypt (`$2b$`), on threads of its own so that no event loop waits for it.
public struct PasswordHasher: Sendable {
  /// The most that bcrypt looks at; what is longer is refused rather than cut.
  public static let maximumBytes = 72

  /// Rounds as a power of two.
  public let cost: Int
  private let threads: HashingThreads
  private let decoy: String

  /// - Parameters:
  ///   - cost: 4 to 31; each step doubles the time.
  ///   - atOnce: how many are hashed at the same time.
  ///   - waiting: how many more may wait for their turn; the next is turned away.
  public init(cost: Int, atOnce: Int, waiting: Int) {
    precondition(4...31 ~= cost, "bcrypt costs from 4 to 31")
    self.cost = cost
    threads = HashingThreads(atOnce: atOnce, waiting: waiting)
    decoy = Self.settingPrefix(cost) + String(repeating: "x", count: 22) + String(repeating: "x", count: 31)
  }

  /// Whether bcrypt can tell the password from every other: short enough, and without the zero byte that ends a C string.
  public static func canHash(_ password: String) -> Bool {
    password.utf8.count <= maximumBytes && !password.utf8.contains(0)
  }

  /// The hash of a password that `canHash`, with a fresh salt out of 128 random bits.
  ///
  /// - Throws: `Unavailable` when too many wait already.
  public func hash(_ password: String, salt: (UInt64, UInt64)) async throws -> String {
    let setting = Self.setting(cost: cost, salt: salt)
    return try await threads.run { Self.crypt(password, setting) }
  }

  /// Whether the password is the one of the hash; without a hash it takes as long, and is not.
  ///
  /// - Throws: `Unavailable` when too many wait already.
  public func verify(_ password: String, against hash: String?) async throws -> Bool {
    let setting = hash ?? decoy
    let asked = Self.canHash(password) ? password : ""
    let computed = try await threads.run { Self.crypt(asked, setting) }
    return Self.isSame(computed, setting) && hash != nil && Self.canHash(password)
  }

  /// Whether a hash was made at another cost than is wanted now.
  public func isOutdated(_ hash: String) -> Bool { !hash.hasPrefix(Self.settingPrefix(cost)) }

  private static func settingPrefix(_ cost: Int) -> String { "$2b$" + (cost < 10 ? "0\(cost)" : "\(cost)") + "$" }

  private static func setting(cost: Int, salt: (UInt64, UInt64)) -> String {
    var salt = salt
    return withUnsafeBytes(of: &salt) { random in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 192) { output in
        let made = crypt_gensalt_rn("$2b$", UInt(cost), random.baseAddress?.assumingMemoryBound(to: CChar.self), 16, output.baseAddress, 192)
        guard let made else { preconditionFailure("libcrypt knows no bcrypt") }
        return String(cString: made)
      }
    }
  }

  private static func crypt(_ password: String, _ setting: String) -> String {
    let data = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
    // All zero is how libcrypt wants it; zeroed again, since it holds the password.
    memset(data, 0, MemoryLayout<crypt_data>.size)
    defer {
      memset(data, 0, MemoryLayout<crypt_data>.size)
      data.deallocate()
    }
    guard let output = crypt_r(password, setting, data) else { return "*" }
    return String(cString: output)
  }

  /// Compares without telling by its time where the first difference stands.
  private static func isSame(_ left: String, _ right: String) -> Bool {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
