import Crypto
import Foundation
public import Wire

/// A private key that signs access tokens (ES256), and what verifies them.
public struct SigningKey: Sendable {
  /// Names the key in the header of its tokens.
  public let name: String
  /// The private key as PEM: a secret.
  public let pem: String
  public let publicKey: PublicSigningKey

  /// A new key.
  public init(name: String) {
    self.init(name: name, P256.Signing.PrivateKey())
  }

  /// A key that was kept as PEM.
  public init(name: String, pem: String) throws {
    self.init(name: name, try P256.Signing.PrivateKey(pemRepresentation: pem))
  }

  private init(name: String, _ key: P256.Signing.PrivateKey) {
    self.name = name
    pem = key.pemRepresentation
    let raw = [UInt8](key.publicKey.rawRepresentation)
    publicKey = PublicSigningKey(
      kty: "EC", crv: "P-256", x: base64URL(Array(raw[..<32])), y: base64URL(Array(raw[32...])), kid: name, use: "sig", alg: "ES256")
  }
}

/// The public half of a key as a JSON Web Key (RFC 7517).
@Wire public struct PublicSigningKey: Hashable, Sendable {
  public var kty: String
  public var crv: String
  public var x: String
  public var y: String
  public var kid: String
  public var use: String
  public var alg: String
}

/// Base64 with the letters of URLs and without padding (RFC 4648, section 5).
func base64URL(_ bytes: [UInt8]) -> String {
  Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}
