import IdentityAPI
import ServiceKit

/// Answers `IdentifyCaller`.
struct IdentifyCallerHandler: Sendable {
  let authenticator: SessionAuthenticator

  func answer(_ request: IdentifyCaller) async throws -> KnownCaller {
    if let bearer = request.bearer { return KnownCaller(caller: try await authenticator.caller(bearer: bearer)) }
    if let cookie = request.cookie { return KnownCaller(caller: try await authenticator.caller(cookie: cookie)) }
    return KnownCaller(caller: nil)
  }
}
