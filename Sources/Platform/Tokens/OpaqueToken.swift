import Crypto
import Foundation
public import ServiceKit

/// A random word that stands for a session; only its digest is kept.
public struct OpaqueToken: Sendable {
  /// What the client keeps: 256 random bits, 43 letters of base64url.
  public let text: String
  /// What the server keeps.
  public var digest: TokenDigest { TokenDigest(of: text) }

  public init(from ids: IdentifierSource) {
    var bytes: [UInt8] = []
    for _ in 0..<4 {
      let word = ids.random()
      for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift * 8))) }
    }
    text = base64URL(bytes)
  }
}

/// The SHA-256 of a token.
public struct TokenDigest: Hashable, Sendable, CustomStringConvertible {
  private let words: SIMD4<UInt64>

  public init(of token: String) {
    var token = token
    let hash = token.withUTF8 { SHA256.hash(data: UnsafeRawBufferPointer($0)) }
    words = hash.withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
  }

  /// The 64 hexadecimal digits.
  public var description: String {
    var text = ""
    for index in 0..<4 {
      let part = String(words[index].bigEndian, radix: 16)
      text += String(repeating: "0", count: 16 - part.count) + part
    }
    return text
  }
}
