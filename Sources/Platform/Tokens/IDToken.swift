import Foundation
import JWTKit
public import Kernel
import Wire

/// What a provider of sign-ins says about who signed in (OpenID Connect Core, section 2).
public struct IDToken: Sendable, Hashable {
  public var issuer: String
  public var subject: String
  public var email: String?
  /// Whether the provider knows that the address is the person's.
  public var isEmailVerified: Bool
  public var givenName: String?
  public var familyName: String?
  public var picture: String?

  /// What the token must say.
  public struct Expectation: Sendable {
    public var issuer: String
    public var audience: String
    public var nonce: String
    public var now: Instant

    public init(issuer: String, audience: String, nonce: String, now: Instant) {
      self.issuer = issuer
      self.audience = audience
      self.nonce = nonce
      self.now = now
    }
  }

  /// Why a token is not believed.
  public enum Fault: Error, Sendable, Hashable {
    /// No key of the provider that we know has this name: it may have new ones.
    case keyUnknown
    case notBelieved(String)
  }

  private struct Claims: JWTPayload {
    var iss: String
    var sub: String
    var aud: AudienceClaim
    var azp: String?
    var exp: Double
    var iat: Double
    var nonce: String?
    var email: String?
    var email_verified: Flag?
    var given_name: String?
    var family_name: String?
    var picture: String?

    /// What is checked is checked below, on the clock of the service.
    func verify(using algorithm: some JWTAlgorithm) async throws {}
  }

  /// Some providers write true as a text.
  private struct Flag: Codable {
    var isTrue: Bool
    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      isTrue = (try? value.decode(Bool.self)) ?? ((try? value.decode(String.self)) == "true")
    }
    func encode(to encoder: any Encoder) throws {
      var value = encoder.singleValueContainer()
      try value.encode(isTrue)
    }
  }

  @Wire struct Head: Hashable, Sendable {
    var alg: String
    var kid: String?
  }

  @Wire struct KeySet: Sendable {
    var keys: [RawJSON]
  }

  /// How far the provider's clock may be off.
  private static let skewSeconds = 60.0
  /// Only what cannot be made with a public key, nor without any.
  private static let algorithms: Set<String> = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]

  /// The token, if a key of the provider signed it for us and just now.
  ///
  /// - Parameters:
  ///   - keys: the provider's key set, as JSON.
  public init(verifying token: String, keys: [UInt8], _ expected: Expectation) async throws(Fault) {
    guard token.utf8.count <= 16_384, let head = Self.head(of: token), Self.algorithms.contains(head.alg) else {
      throw .notBelieved("it is not signed as we want it")
    }
    let set: KeySet
    do { set = try decode(KeySet.self, from: keys) } catch { throw .notBelieved("the provider's keys are not understood") }
    var found: Claims?
    var isKnown = false
    for (number, form) in set.keys.prefix(50).enumerated() {
      // A key set may hold keys of kinds that we do not know.
      guard var key = try? JWK(json: String(decoding: form.bytes, as: UTF8.self)), head.kid == nil || key.keyIdentifier?.string == head.kid else {
        continue
      }
      if key.algorithm == nil { key.algorithm = JWK.Algorithm(rawValue: head.alg) }
      if key.keyIdentifier == nil { key.keyIdentifier = JWKIdentifier(string: "\(number)") }
      let collection = JWTKeyCollection()
      guard (try? await collection.add(jwk: key, isDefault: true)) != nil else { continue }
      isKnown = true
      found = try? await collection.verify(token, as: Claims.self)
      if found != nil { break }
    }
    guard isKnown else { throw .keyUnknown }
    guard let claims = found else { throw .notBelieved("no key of the provider signed it") }
    guard claims.iss == expected.issuer else { throw .notBelieved("it comes from \(claims.iss)") }
    guard claims.aud.value.contains(expected.audience), claims.aud.value.count == 1 || claims.azp == expected.audience else {
      throw .notBelieved("it is for somebody else")
    }
    let now = Double(expected.now.milliseconds) / 1000
    guard now < claims.exp + Self.skewSeconds else { throw .notBelieved("it has expired") }
    guard claims.iat < now + Self.skewSeconds else { throw .notBelieved("it is of the future") }
    guard let nonce = claims.nonce, isSameText(nonce, expected.nonce) else { throw .notBelieved("it belongs to another sign-in") }
    guard 1...255 ~= claims.sub.utf8.count else { throw .notBelieved("it names nobody") }
    issuer = claims.iss
    subject = claims.sub
    email = claims.email
    isEmailVerified = claims.email_verified?.isTrue ?? false
    givenName = claims.given_name
    familyName = claims.family_name
    picture = claims.picture
  }

  private static func head(of token: String) -> Head? {
    guard let part = token.split(separator: ".", omittingEmptySubsequences: false).first else { return nil }
    var text = String(part).replacing("-", with: "+").replacing("_", with: "/")
    text += String(repeating: "=", count: (4 - text.count % 4) % 4)
    return Data(base64Encoded: text).flatMap { try? decode(Head.self, from: [UInt8]($0)) }
  }
}
