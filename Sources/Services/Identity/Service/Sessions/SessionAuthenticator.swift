import Caching
import IdentityAPI
import Kernel
import Persistence
import ServiceKit
import Synchronization
import Tokens
import Wire

/// Finds out who asks, from memory except for the first request of a session and once in a while after.
///
/// Nodes tell each other at once which sessions have ended; while they cannot, the event tells it, and nothing is trusted for long.
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
  private let keys = ApiKeyStore()
  /// The keys used since their use was written down.
  private let used = Mutex<Set<SessionID>>([])
  private let bearers = RecentValues<TokenDigest, Bearer>(limit: 100_000)
  private let standings = RecentValues<SessionID, Standing>(limit: 100_000)
  private let holders = RecentValues<TokenDigest, Holder>(limit: 50_000)
  /// Apart from the cookies: a key is not good as one.
  private let machines = RecentValues<TokenDigest, Holder>(limit: 10_000)

  private let shared: Neighbourhood

  /// What machines' keys begin with, which no other token does.
  static let keyMark = "tfk_"

  private static let sessionTopic = "identity.session"
  private static let roleTopic = "identity.role"

  init(database: any Database, time: TimeSource, ring: TokenRing, shared: Neighbourhood) {
    self.database = database
    self.time = time
    self.ring = ring
    self.shared = shared
    shared.signals.listen(
      Self.sessionTopic,
      heard: { [weak self] subject in if let session = SessionID(subject) { self?.note(session, isLive: false) } },
      doubt: { [weak self] in
        self?.forgetAll()
      })
    shared.signals.listen(Self.roleTopic, heard: { [weak self] _ in self?.forgetRoles() }, doubt: { [weak self] in self?.forgetRoles() })
  }

  /// The session has ended, which counts here from now on, and on every node by the time this returns.
  func end(_ session: SessionID) async {
    note(session, isLive: false)
    guard shared.isShared else { return }
    shared.level.drop(Self.name(of: session), topic: Self.sessionTopic, subject: session.description)
    await shared.signals.tell(Self.sessionTopic, session.description)
  }

  /// Somebody may act as something else from now on, on every node.
  func rolesChanged(of user: UserID) async {
    forgetRoles()
    if shared.isShared { await shared.signals.tell(Self.roleTopic, user.description) }
  }

  private static func name(of session: SessionID) -> String { "session:\(session)" }

  func caller(bearer token: String) async throws(Unavailable) -> Caller? {
    if token.utf8.starts(with: Self.keyMark.utf8) { return try await caller(key: token) }
    let digest = TokenDigest(of: token)
    let bearer: Bearer
    if let known = bearers[digest] {
      bearer = known
    } else {
      guard let claims = await ring.verify(token), let caller = claims.caller, let session = caller.session else { return nil }
      bearer = Bearer(caller: caller, session: session, expiresAt: claims.expiresAt)
      bearers.put(bearer, for: digest)
    }
    guard time.now < bearer.expiresAt, try await isLive(bearer.session) else { return nil }
    return bearer.caller
  }

  func knownCaller(bearer token: String) -> Caller? {
    guard let bearer = bearers[TokenDigest(of: token)] else { return nil }
    let now = time.now
    guard now < bearer.expiresAt, let standing = standings[bearer.session], standing.isLive, now < standing.goodUntil else { return nil }
    return bearer.caller
  }

  /// The machine that holds a key: to everything else its session never changes.
  private func caller(key token: String) async throws(Unavailable) -> Caller? {
    guard token.utf8.count <= 100 else { return nil }
    let digest = TokenDigest(of: token)
    let now = time.now
    var holder = machines[digest].flatMap { now < $0.goodUntil ? $0 : nil }
    if holder == nil {
      let found = try await read { [keys] in try keys.find(digest, in: $0) }
      guard let key = found, key.revokedAt == nil, key.expiresAt.map({ now < $0 }) ?? true else { return nil }
      let session = SessionID(high: key.id.high, low: key.id.low)
      let caller = Caller(
        user: UserID(high: key.id.high, low: key.id.low), tenant: key.tenantId, roles: [key.role.role], session: session,
        scopes: key.scopes.map(\.rawValue))
      let fresh = Holder(caller: caller, session: session, goodUntil: min(now + Self.trust, key.expiresAt ?? now + Self.trust))
      machines.put(fresh, for: digest)
      note(session, isLive: true)
      holder = fresh
    }
    guard let holder, try await isLive(holder.session) else { return nil }
    used.withLock { _ = $0.insert(holder.session) }
    return holder.caller
  }

  /// Writes down which keys were used lately.
  func noteUses() async throws {
    let lately = used.withLock { used in
      defer { used = [] }
      return used
    }
    guard !lately.isEmpty else { return }
    let now = time.now
    let ids = lately.sorted { ($0.high, $0.low) < ($1.high, $1.low) }
    try await database.write { [keys] in try keys.noteUse(ids, at: now, in: $0) }
  }

  func caller(cookie token: String) async throws(Unavailable) -> Caller? {
    let digest = TokenDigest(of: token)
    let now = time.now
    if let known = holders[digest], now < known.goodUntil { return try await isLive(known.session) ? known.caller : nil }
    let found = try await read { [sessions, accounts] transaction -> (SessionStore.Session, Account)? in
      guard let session = try sessions.find(cookie: digest, in: transaction), session.isLive(at: now), now < session.cookieExpiresAt,
        let account = try accounts.find(session.user, in: transaction)
      else { return nil }
      return (session, account)
    }
    guard let (session, account) = found else { return nil }
    let caller = Caller(user: account.id, tenant: account.tenantId, roles: account.roles, session: session.id)
    let end = min(now + Self.trust, session.expiresAt, session.cookieExpiresAt)
    holders.put(Holder(caller: caller, session: session.id, goodUntil: end), for: digest)
    note(session.id, isLive: true)
    return try await isLive(session.id) ? caller : nil
  }

  /// Takes note that a session began, so that its first request reads nothing; never revives one that was ended.
  func note(_ session: SessionID, isLive: Bool) { note(session, isLive: isLive, for: Self.trust) }

  private func note(_ session: SessionID, isLive: Bool, for span: Duration) {
    if let known = standings[session], !known.isLive { return }
    standings.put(Standing(isLive: isLive, goodUntil: time.now + span), for: session)
  }

  /// Reads everything anew.
  func forgetAll() {
    standings.removeAll()
    holders.removeAll()
    machines.removeAll()
  }

  /// Takes note that people may act as something else than what was read.
  func forgetRoles() { holders.removeAll() }

  private func isLive(_ session: SessionID) async throws(Unavailable) -> Bool {
    let now = time.now
    let known = standings[session]
    // What has ended stays ended, and needs no second look.
    if let known, !known.isLive || now < known.goodUntil { return known.isLive }
    do {
      var lease: SecondLevelLease?
      if shared.isShared {
        switch await shared.level.find(Self.name(of: session)) {
        case .value(_, let goodFor):
          // Trusted for no longer than by the node that read it.
          note(session, isLive: true, for: min(Self.trust, goodFor * time.speed))
          return standings[session]?.isLive ?? false
        case .missing(let count): lease = count
        case .gone: break
        }
      }
      let (row, isKey) = try await database.read { [sessions, keys] transaction in
        let row = try sessions.find(session, in: transaction)
        return (row, row == nil ? try keys.isLive(session, at: now, in: transaction) : false)
      }
      let isLive = row?.isLive(at: now) ?? isKey
      if isLive, let row, let lease {
        shared.level.put(
          Self.name(of: session), encode(SessionNote(userId: row.user)), keep: min(Self.trust, row.expiresAt.since(now)) / time.speed, lease: lease)
      }
      note(session, isLive: isLive)
      return standings[session]?.isLive ?? false
    } catch {
      // The database is gone for a moment: who was let in lately stays, of others it is not known who they are.
      guard let known else { throw Self.unknown }
      return known.isLive
    }
  }

  private func read<Found: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Found) async throws(Unavailable) -> Found {
    do { return try await database.read(body) } catch { throw Self.unknown }
  }

  private static let unknown = Unavailable("the database cannot tell who asks", retryAfterSeconds: 2)
}

/// A live session as nodes share it.
@Wire struct SessionNote: Sendable {
  var userId: UserID
}
