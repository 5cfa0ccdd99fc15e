import IdentityAPI
import Kernel
import Persistence
import ServiceKit
import Tokens

/// Makes the tokens of a session; what must be kept of them goes into the caller's transaction.
struct SessionOpener: Sendable {
  /// The secrets of a session that is about to begin, or of its next stretch.
  struct Draft: Sendable {
    var session: SessionID
    var refresh: OpaqueToken
    var cookie: OpaqueToken
    var now: Instant
    var way: SignInWay
    var origin: CallOrigin?
  }

  let terms: SessionTerms
  let time: TimeSource
  let ids: IdentifierSource
  let ring: TokenRing
  let authenticator: SessionAuthenticator
  let cookies: SessionCookie
  private let sessions = SessionStore()

  init(
    terms: SessionTerms, time: TimeSource, ids: IdentifierSource, ring: TokenRing, authenticator: SessionAuthenticator, cookies: SessionCookie
  ) {
    self.terms = terms
    self.time = time
    self.ids = ids
    self.ring = ring
    self.authenticator = authenticator
    self.cookies = cookies
  }

  /// Random parts are drawn before the transaction, whose body may run twice.
  func draft(_ way: SignInWay = .password) -> Draft {
    Draft(
      session: ids.next(), refresh: OpaqueToken(from: ids), cookie: OpaqueToken(from: ids), now: time.now, way: way, origin: Caller.current.origin)
  }

  func open(_ draft: Draft, for account: Account, in transaction: any Transaction) throws {
    let end = terms.end(of: account.roles, openedAt: draft.now, now: draft.now)
    let session = SessionStore.Session(
      id: draft.session, user: account.id, createdAt: draft.now, expiresAt: end, cookieExpiresAt: min(end, draft.now + terms.cookie),
      way: draft.way, origin: draft.origin)
    try sessions.insert(session, cookie: draft.cookie.digest, in: transaction)
    try sessions.insertRefreshToken(draft.refresh.digest, of: draft.session, issuedAt: draft.now, expiresAt: end, in: transaction)
  }

  /// The reply to a session that is on disk, with its cookie set.
  func reply(_ draft: Draft, for account: Account) async throws -> SignedIn {
    authenticator.note(draft.session, isLive: true)
    cookies.set(draft.cookie, for: terms.cookie)
    return try await tokens(session: draft.session, refresh: draft.refresh, for: account, now: draft.now)
  }

  /// A fresh access token beside a refresh token that is on disk.
  func tokens(session: SessionID, refresh: OpaqueToken, for account: Account, now: Instant) async throws -> SignedIn {
    let claims = AccessClaims(
      user: account.id, roles: account.roles, tenant: account.tenantId, session: session, issuedAt: now, expiresAt: now + terms.accessToken)
    return SignedIn(
      accessToken: try await ring.sign(claims), refreshToken: refresh.text, expiresAt: claims.expiresAt, user: account)
  }
}
