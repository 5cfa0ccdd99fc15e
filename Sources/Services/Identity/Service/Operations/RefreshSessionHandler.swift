import IdentityAPI
import Kernel
import Messaging
import Persistence
import ServiceKit
import Tokens

/// Answers `RefreshSession`.
struct RefreshSessionHandler: Sendable {
  private enum Outcome: Sendable {
    case carriedOn(SessionID, Account)
    case reused(SessionID)
    case unknown
  }

  let context: IdentityContext
  private var opener: SessionOpener { context.opener }

  init(context: IdentityContext) { self.context = context }

  func answer(_ request: RefreshSession) async throws -> SignedIn {
    let shown = TokenDigest(of: request.refreshToken)
    let draft = opener.draft()
    let entry = context.entry(.refreshReused, about: nil)
    let outcome = try await context.database.write { [self] transaction in try trade(shown, for: draft, noting: entry, in: transaction) }
    switch outcome {
    case .carriedOn(let session, let account):
      return try await opener.tokens(session: session, refresh: draft.refresh, for: account, now: draft.now)
    case .reused(let session):
      await opener.authenticator.end(session)
      throw RefreshSessionRefusal.reused
    case .unknown:
      throw RefreshSessionRefusal.unknown
    }
  }

  private func trade(_ shown: TokenDigest, for draft: SessionOpener.Draft, noting entry: AuditEntry, in transaction: any Transaction) throws
    -> Outcome
  {
    let sessions = context.sessions
    switch try sessions.use(shown, at: draft.now, in: transaction) {
    case .unknown:
      return .unknown
    case .reused(let session):
      // Somebody has a token that its owner used up, or the owner has one that somebody else used up: nobody keeps the session.
      if let user = try sessions.revoke(session, at: draft.now, in: transaction) {
        try context.outbox.publish(SessionRevoked(sessionId: session, userId: user), in: transaction)
        var entry = entry
        entry.subjectId = user
        try context.audit.insert(entry, in: transaction)
      }
      return .reused(session)
    case .traded(let id):
      guard let session = try sessions.find(id, in: transaction), session.isLive(at: draft.now),
        let found = try context.accounts.credentials(of: session.user, in: transaction), !found.isDisabled
      else { return .unknown }
      let account = found.account
      let end = opener.terms.end(of: account.roles, openedAt: session.createdAt, now: draft.now)
      try sessions.extend(id, to: end, at: draft.now, in: transaction)
      try sessions.insertRefreshToken(draft.refresh.digest, of: id, issuedAt: draft.now, expiresAt: end, in: transaction)
      return .carriedOn(id, account)
    }
  }
}
