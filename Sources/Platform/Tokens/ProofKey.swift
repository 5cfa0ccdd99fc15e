import Crypto

/// What ties the end of a sign-in at a provider to its beginning (PKCE, RFC 7636, method S256).
public struct ProofKey: Sendable {
  /// Kept here until the code is traded.
  public let verifier: String
  /// What the provider is told at the beginning.
  public var challenge: String { base64URL(Array(SHA256.hash(data: Array(verifier.utf8)))) }

  public init(verifier: String) { self.verifier = verifier }
}
