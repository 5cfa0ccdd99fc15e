import IdentityAPI
import Kernel
import Persistence
import ServiceKit
import Tokens

/// The rows of sessions and of the refresh tokens that carry them on.
struct SessionStore: Sendable {
  /// A session as its row tells it.
  struct Session: Sendable, Hashable {
    var id: SessionID
    var user: UserID
    var createdAt: Instant
    var expiresAt: Instant
    var revokedAt: Instant?
    var cookieExpiresAt: Instant
    /// By what the person proved who they are.
    var way: SignInWay?
    var origin: CallOrigin?
    var refreshedAt: Instant?

    func isLive(at now: Instant) -> Bool { revokedAt == nil && now < expiresAt }

    /// What its owner is shown of it.
    func shown(isCurrent: Bool) -> OpenSession {
      OpenSession(
        id: id, way: way, createdAt: createdAt, refreshedAt: refreshedAt, expiresAt: expiresAt, address: origin?.address, agent: origin?.agent,
        isCurrent: isCurrent)
    }
  }

  private static let columns = "id, user_id, created_at, expires_at, revoked_at, cookie_expires_at, way, address, agent, refreshed_at"

  func insert(_ session: Session, cookie: TokenDigest, in transaction: any Transaction) throws {
    try transaction.run(
      """
      INSERT INTO identity_sessions (id, user_id, created_at, expires_at, cookie_digest, cookie_expires_at, way, address, agent)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      .id(session.id), .id(session.user), .instant(session.createdAt), .instant(session.expiresAt), .text(cookie.description),
      .instant(session.cookieExpiresAt), .word(session.way), .optional(session.origin?.address), .optional(session.origin?.agent))
  }

  func insertRefreshToken(
    _ digest: TokenDigest, of session: SessionID, issuedAt: Instant, expiresAt: Instant, in transaction: any Transaction
  ) throws {
    try transaction.run(
      "INSERT INTO identity_refresh_tokens (digest, session_id, issued_at, expires_at) VALUES (?, ?, ?, ?)",
      .text(digest.description), .id(session), .instant(issuedAt), .instant(expiresAt))
  }

  func find(_ id: SessionID, in transaction: any Transaction) throws -> Session? {
    try transaction.first("SELECT \(Self.columns) FROM identity_sessions WHERE id = ?", .id(id), as: Self.session)
  }

  func find(cookie: TokenDigest, in transaction: any Transaction) throws -> Session? {
    try transaction.first("SELECT \(Self.columns) FROM identity_sessions WHERE cookie_digest = ?", .text(cookie.description), as: Self.session)
  }

  /// What became of a refresh token that was shown.
  enum Trade: Sendable {
    case traded(SessionID)
    case reused(SessionID)
    case unknown
  }

  /// Uses a refresh token up; of two that show it at once, one gets it and the other reuses it.
  func use(_ digest: TokenDigest, at now: Instant, in transaction: any Transaction) throws -> Trade {
    let used = try transaction.first(
      "UPDATE identity_refresh_tokens SET used_at = ? WHERE digest = ? AND used_at IS NULL AND expires_at > ? RETURNING session_id",
      .instant(now), .text(digest.description), .instant(now)
    ) { try $0.id(0, SessionID.self) }
    if let used { return .traded(used) }
    let earlier = try transaction.first(
      "SELECT session_id FROM identity_refresh_tokens WHERE digest = ? AND used_at IS NOT NULL", .text(digest.description)
    ) { try $0.id(0, SessionID.self) }
    return earlier.map { .reused($0) } ?? .unknown
  }

  func extend(_ id: SessionID, to end: Instant, at now: Instant, in transaction: any Transaction) throws {
    try transaction.run("UPDATE identity_sessions SET expires_at = ?, refreshed_at = ? WHERE id = ?", .instant(end), .instant(now), .id(id))
  }

  /// Ends a session; answers whose it was, or nobody when it had ended before.
  func revoke(_ id: SessionID, at now: Instant, in transaction: any Transaction) throws -> UserID? {
    try transaction.first(
      "UPDATE identity_sessions SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL RETURNING user_id", .instant(now), .id(id)
    ) { try $0.id(0) }
  }

  /// Ends every session of a person but one; answers which.
  func revokeAll(of user: UserID, except kept: SessionID? = nil, at now: Instant, in transaction: any Transaction) throws -> [SessionID] {
    try transaction.all(
      "UPDATE identity_sessions SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL AND expires_at > ? AND id <> ? RETURNING id",
      .instant(now), .id(user), .instant(now), .text(kept?.description ?? "")
    ) { try $0.id(0) }
  }

  /// The sessions of a person that have not ended, the newest first.
  func live(of user: UserID, at now: Instant, limit: Int, in transaction: any Transaction) throws -> [Session] {
    try transaction.all(
      """
      SELECT \(Self.columns) FROM identity_sessions WHERE user_id = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY created_at DESC, id DESC LIMIT ?
      """, .id(user), .instant(now), .integer(limit), as: Self.session)
  }

  /// Forgets what ended before `limit`.
  func sweep(endedBefore limit: Instant, in transaction: any Transaction) throws {
    try transaction.run("DELETE FROM identity_refresh_tokens WHERE expires_at < ?", .instant(limit))
    try transaction.run("DELETE FROM identity_sessions WHERE expires_at < ?", .instant(limit))
  }

  private static func session(_ row: any Row) throws -> Session {
    Session(
      id: try row.id(0), user: try row.id(1), createdAt: row.instant(2), expiresAt: row.instant(3), revokedAt: row.optionalInstant(4),
      cookieExpiresAt: row.instant(5), way: row.isNull(6) ? nil : try row.word(6),
      origin: row.optionalText(7).map { CallOrigin(address: $0, agent: row.optionalText(8)) }, refreshedAt: row.optionalInstant(9))
  }
}
