import IdentityAPI
import Tokens

/// Answers `ReadSigningKeys`.
struct ReadSigningKeysHandler: Sendable {
  let ring: TokenRing

  func answer(_ request: ReadSigningKeys) async throws -> KeySet {
    KeySet(keys: ring.publicKeys.map { WebKey(kty: $0.kty, crv: $0.crv, x: $0.x, y: $0.y, kid: $0.kid, use: $0.use, alg: $0.alg) })
  }
}
