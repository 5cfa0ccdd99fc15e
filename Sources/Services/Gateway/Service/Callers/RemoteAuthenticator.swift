import Caching
import IdentityAPI
import ServiceKit
import Tokens

/// Finds out who asks from Identity, which runs in another process; remembers it for a moment.
final class RemoteAuthenticator: Authenticating {
  /// The digest as text: kept in a `Cache`, the vector that it is crashes Swift 6.3.1 (freed with another alignment than allocated).
  private struct Proof: Hashable {
    let digest: String, isCookie: Bool

    init(_ token: String, isCookie: Bool = false) {
      digest = TokenDigest(of: token).description
      self.isCookie = isCookie
    }
  }
  private struct Nobody: Error {}

  /// How long an answer is trusted; the end of a session made known by its event counts at once.
  private static let trust = Duration.seconds(30)
  /// How long somebody let in lately stays in while Identity does not answer.
  private static let lease = Duration.seconds(300)

  private let switchboard: Switchboard
  private let fresh: Cache<Proof, Caller>
  private let lately: Cache<Proof, Caller>
  private let ended: Cache<SessionID, Bool>

  init(switchboard: Switchboard, time: TimeSource) {
    self.switchboard = switchboard
    fresh = Cache(capacity: 100_000, keep: Self.trust, time: time)
    lately = Cache(capacity: 100_000, keep: Self.lease * time.speed, time: time)
    ended = Cache(capacity: 100_000, keep: Self.lease * time.speed * 2, time: time)
  }

  func caller(bearer token: String) async throws(Unavailable) -> Caller? {
    try await find(Proof(token), IdentifyCaller(bearer: token))
  }

  func caller(cookie token: String) async throws(Unavailable) -> Caller? {
    try await find(Proof(token, isCookie: true), IdentifyCaller(cookie: token))
  }

  func knownCaller(bearer token: String) -> Caller? { live(fresh.cached(Proof(token))) }

  /// The caller, unless the session is known to have ended.
  private func live(_ caller: Caller?) -> Caller? {
    guard let session = caller?.session, ended.cached(session) == nil else { return nil }
    return caller
  }

  /// Takes note that a session ended before its time.
  func noteEnd(of session: SessionID) { ended.insert(true, for: session) }

  /// Takes note that people may act as something else than what was answered, or no longer; whoever was let in lately stays in only while
  /// Identity does not answer.
  func forgetRoles() { fresh.invalidateAll { _ in true } }

  private func find(_ proof: Proof, _ request: IdentifyCaller) async throws(Unavailable) -> Caller? {
    var caller: Caller?
    do {
      caller = try await fresh.value(for: proof) { [switchboard, lately] in
        guard let caller = try await switchboard.callAsSystem(request).caller else {
          lately.invalidate(proof)
          throw Nobody()
        }
        lately.insert(caller, for: proof)
        return caller
      }
    } catch is Nobody { return nil } catch CallFailure<Never>.invalid { return nil } catch {
      guard let known = lately.cached(proof) else { throw Unavailable("identity does not tell who asks: \(error)", retryAfterSeconds: 2) }
      caller = known
    }
    return live(caller)
  }
}
