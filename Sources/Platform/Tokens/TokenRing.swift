import JWTKit
import Kernel
import Synchronization

/// Signs access tokens with the newest of its keys, and verifies those of all of them.
public final class TokenRing: Sendable {
  private struct State {
    var collection = JWTKeyCollection()
    var keys: [SigningKey] = []
  }

  private let state = Mutex(State())

  public init() {}

  /// The public keys, the oldest first.
  public var publicKeys: [PublicSigningKey] { state.withLock { $0.keys.map(\.publicKey) } }

  /// Replaces the keys.
  ///
  /// - Parameter keys: the oldest first; the last one signs from now on.
  public func replace(with keys: [SigningKey]) async throws {
    let collection = JWTKeyCollection()
    for key in keys { await collection.add(ecdsa: try ES256PrivateKey(pem: key.pem), kid: JWKIdentifier(string: key.name)) }
    state.withLock {
      $0.collection = collection
      $0.keys = keys
    }
  }

  /// The token that says the claims.
  public func sign(_ claims: AccessClaims) async throws -> String {
    let (collection, newest) = state.withLock { ($0.collection, $0.keys.last) }
    guard let newest else { throw NoSigningKey() }
    return try await collection.sign(claims, kid: JWKIdentifier(string: newest.name))
  }

  /// What the token says, if one of the keys signed it; whether it has expired is for the caller to see.
  public func verify(_ token: String) async -> AccessClaims? {
    // A token of ours has some 400 characters; what is far longer is not worth parsing.
    guard token.utf8.count <= 4096 else { return nil }
    let collection = state.withLock { $0.collection }
    return try? await collection.verify(token, as: AccessClaims.self)
  }
}

/// Keys were asked for before they were loaded.
public struct NoSigningKey: Error, CustomStringConvertible {
  public var description: String { "no signing key is loaded" }
}
