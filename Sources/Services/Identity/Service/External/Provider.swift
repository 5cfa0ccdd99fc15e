import Kernel
import ServiceKit
import Synchronization
import Tokens
import WebClient
import Wire

/// An OpenID Connect provider: where people are sent, and what is made of the code that they bring back.
final class Provider: Sendable {
  /// What the provider says of itself (OpenID Connect Discovery, section 3).
  @Wire struct Metadata: Hashable, Sendable {
    var issuer: String
    @Field(name: "authorization_endpoint") var authorizationEndpoint: String
    @Field(name: "token_endpoint") var tokenEndpoint: String
    @Field(name: "jwks_uri") var keysURL: String
    @Field(name: "token_endpoint_auth_methods_supported") var tokenAuthMethods: [String]?
  }

  @Wire struct TokenReply: Hashable, Sendable {
    @Field(name: "id_token") var idToken: String?
  }

  private struct Known {
    var metadata: (value: Metadata, until: Instant)?
    var keys: (bytes: [UInt8], until: Instant)?
  }

  /// How long what a provider says of itself, and its keys, are good; an unknown key is looked for at once.
  private static let trust = Duration.seconds(3600)

  let settings: ProviderSettings
  private let time: TimeSource
  private let known = Mutex(Known())

  init(_ settings: ProviderSettings, time: TimeSource) {
    self.settings = settings
    self.time = time
  }

  /// Where the browser is sent.
  ///
  /// - Throws: `Unavailable` when the provider does not answer.
  func location(redirectURI: String, state: String, nonce: String, challenge: String) async throws -> String {
    let metadata = try await metadata()
    let mark = metadata.authorizationEndpoint.contains("?") ? "&" : "?"
    return metadata.authorizationEndpoint + mark
      + Self.form([
        ("response_type", "code"), ("client_id", settings.clientID), ("redirect_uri", redirectURI), ("scope", "openid email profile"),
        ("state", state), ("nonce", nonce), ("code_challenge", challenge), ("code_challenge_method", "S256")
      ])
  }

  /// Who the code stands for.
  ///
  /// - Throws: `IDToken.Fault` when it is worth nothing, `Unavailable` when the provider does not answer.
  func identity(code: String, redirectURI: String, nonce: String, verifier: String) async throws -> IDToken {
    let token = try await token(code: code, redirectURI: redirectURI, verifier: verifier)
    let expected = IDToken.Expectation(issuer: settings.issuer, audience: settings.clientID, nonce: nonce, now: time.now)
    do {
      return try await IDToken(verifying: token, keys: try await keys(isFresh: false), expected)
    } catch is IDToken.Fault {
      // The provider may have changed its keys.
      return try await IDToken(verifying: token, keys: try await keys(isFresh: true), expected)
    }
  }

  private func token(code: String, redirectURI: String, verifier: String) async throws -> String {
    let metadata = try await metadata()
    var fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI), ("code_verifier", verifier)]
    var headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")]
    let isBasic = metadata.tokenAuthMethods.map { $0.contains("client_secret_basic") } ?? true
    if settings.clientSecret.isEmpty {
      fields.append(("client_id", settings.clientID))
    } else if isBasic {
      headers.append(("authorization", basicAuthorization(user: Self.escaped(settings.clientID), password: Self.escaped(settings.clientSecret))))
    } else {
      fields += [("client_id", settings.clientID), ("client_secret", settings.clientSecret)]
    }
    let answer = try await ask("POST", metadata.tokenEndpoint, headers, Array(Self.form(fields).utf8))
    guard answer.status == 200, let reply = try? decode(TokenReply.self, from: answer.body), let token = reply.idToken else {
      throw IDToken.Fault.notBelieved("the code was not taken: status \(answer.status)")
    }
    return token
  }

  private func metadata() async throws -> Metadata {
    let now = time.now
    if let kept = known.withLock({ $0.metadata }), now < kept.until { return kept.value }
    let base = settings.issuer.hasSuffix("/") ? String(settings.issuer.dropLast()) : settings.issuer
    let answer = try await ask("GET", base + "/.well-known/openid-configuration")
    guard answer.status == 200, let metadata = try? decode(Metadata.self, from: answer.body), metadata.issuer == settings.issuer else {
      throw Unavailable("the provider \(settings.issuer) does not describe itself", retryAfterSeconds: 30)
    }
    known.withLock { $0.metadata = (metadata, now + Self.trust) }
    return metadata
  }

  private func keys(isFresh: Bool) async throws -> [UInt8] {
    let now = time.now
    if !isFresh, let kept = known.withLock({ $0.keys }), now < kept.until { return kept.bytes }
    let answer = try await ask("GET", try await metadata().keysURL)
    guard answer.status == 200 else { throw Unavailable("the provider \(settings.issuer) does not show its keys", retryAfterSeconds: 30) }
    known.withLock { $0.keys = (answer.body, now + Self.trust) }
    return answer.body
  }

  private func ask(_ method: String, _ url: String, _ headers: [(String, String)] = [], _ body: [UInt8]? = nil) async throws -> OutsideAnswer {
    do { return try await OutsideCall(method, url, headers: headers, body: body).send() } catch let error as NoAnswer {
      throw Unavailable("the provider \(settings.issuer) does not answer: \(error.reason)", retryAfterSeconds: 10)
    }
  }

  private static func form(_ fields: [(String, String)]) -> String {
    fields.map { "\($0.0)=\(escaped($0.1))" }.joined(separator: "&")
  }

  /// With percent escapes for all but what RFC 3986 never reserves.
  static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case 48...57, 65...90, 97...122, 0x2D, 0x2E, 0x5F, 0x7E: String(UnicodeScalar(byte))
      default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }.joined()
  }
}
