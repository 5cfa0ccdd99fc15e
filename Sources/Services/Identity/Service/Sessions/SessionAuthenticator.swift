import IdentityAPI
import Kernel
import Persistence
import ServiceKit
import Tokens

/// Finds out who asks, from memory except for the first request of a session and once in a while after.
final class SessionAuthenticator: Authenticating {
  private struct Bearer: Sendable {
    var caller: Caller
    var session: SessionID
    var expiresAt: Instant
  }
  private struct Standing: Sendable {
    var isLive: Bool
    var goodUntil: Instant
  }
  private struct Holder: Sendable {
    var caller: Caller
    var session: SessionID
    var goodUntil: Instant
  }

  /// How long a node trusts what it read of a session; an end made known to it counts at once.
  private static let trust = Duration.seconds(30)

  private let database: any Database
  private let time: TimeSource
  private let ring: TokenRing
  private let sessions = SessionStore()
  private let accounts = AccountStore()
  private let bearers = RecentValues<TokenDigest, Bearer>(limit: 100_000)
  private let standings = RecentValues<SessionID, Standing>(limit: 100_000)
  private let holders = RecentValues<TokenDigest, Holder>(limit: 50_000)

  init(database: any Database, time: TimeSource, ring: TokenRing) {
    self.database = database
    self.time = time
    self.ring = ring
  }

  func caller(bearer token: String) async -> Caller? {
    let digest = TokenDigest(of: token)
    let bearer: Bearer
    if let known = bearers[digest] {
      bearer = known
    } else {
      guard let claims = await ring.verify(token), let caller = claims.caller, let session = caller.session else { return nil }
      bearer = Bearer(caller: caller, session: session, expiresAt: claims.expiresAt)
      bearers.put(bearer, for: digest)
    }
    guard time.now < bearer.expiresAt, await isLive(bearer.session) else { return nil }
    return bearer.caller
  }

  func caller(cookie token: String) async -> Caller? {
    let digest = TokenDigest(of: token)
    let now = time.now
    if let known = holders[digest], now < known.goodUntil { return await isLive(known.session) ? known.caller : nil }
    let found = try? await database.read { [sessions, accounts] transaction -> (SessionStore.Session, Account)? in
      guard let session = try sessions.find(cookie: digest, in: transaction), session.isLive(at: now), now < session.cookieExpiresAt,
        let account = try accounts.find(session.user, in: transaction)
      else { return nil }
      return (session, account)
    }
    guard let (session, account) = found ?? nil else { return nil }
    let caller = Caller(user: account.id, tenant: account.tenantId, roles: account.roles, session: session.id)
    let end = min(now + Self.trust, session.expiresAt, session.cookieExpiresAt)
    holders.put(Holder(caller: caller, session: session.id, goodUntil: end), for: digest)
    note(session.id, isLive: true)
    return await isLive(session.id) ? caller : nil
  }

  /// Takes note that a session began, so that its first request reads nothing; never revives one that was ended.
  func note(_ session: SessionID, isLive: Bool) {
    if let known = standings[session], !known.isLive { return }
    standings.put(Standing(isLive: isLive, goodUntil: time.now + Self.trust), for: session)
  }

  /// Takes note that people may act as something else than what was read.
  func forgetRoles() { holders.removeAll() }

  private func isLive(_ session: SessionID) async -> Bool {
    let now = time.now
    let known = standings[session]
    // What has ended stays ended, and needs no second look.
    if let known, !known.isLive || now < known.goodUntil { return known.isLive }
    do {
      let row = try await database.read { [sessions] in try sessions.find(session, in: $0) }
      note(session, isLive: row?.isLive(at: now) ?? false)
      return standings[session]?.isLive ?? false
    } catch {
      // The database is gone for a moment: who was let in lately stays, nobody new comes in.
      return known?.isLive ?? false
    }
  }
}
