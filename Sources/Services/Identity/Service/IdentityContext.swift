import IdentityAPI
import Kernel
import Messaging
import Passwords
import Persistence
import ServiceKit
import Tokens

/// What the handlers of Identity work with.
struct IdentityContext: Sendable {
  let database: any Database
  let outbox: Outbox
  let time: TimeSource
  let ids: IdentifierSource
  let passwords: PasswordHasher
  let opener: SessionOpener
  let authenticator: SessionAuthenticator
  let letters: LetterDesk
  let rules: WayInRules

  let accounts = AccountStore()
  let sessions = SessionStore()
  let secrets = SecretStore()
  let phones = PhoneStore()
  let audit = AuditStore()

  /// An entry for the record, of the caller's doing unless told otherwise; made before the transaction that keeps it.
  func entry(
    _ action: AuditAction, about subject: UserID?, of tenant: TenantID? = nil, by actor: UserID? = nil, before: String? = nil, after: String? = nil
  ) -> AuditEntry {
    let caller = Caller.current
    return AuditEntry(
      id: ids.next(), at: time.now, action: action, actorId: actor ?? caller.user, subjectId: subject, tenantId: tenant ?? caller.tenant,
      address: caller.origin?.address, agent: caller.origin?.agent, before: before, after: after)
  }

  /// Hashes a password that the rules allow, with a fresh salt.
  func hash(_ password: String) async throws -> String { try await passwords.hash(password, salt: (ids.random(), ids.random())) }

  /// Ends every session of a person but one, within a transaction; `tellEnded` follows once it is on disk.
  func endSessions(of user: UserID, except kept: SessionID? = nil, at now: Instant, in transaction: any Transaction) throws -> [SessionID] {
    let ended = try sessions.revokeAll(of: user, except: kept, at: now, in: transaction)
    for session in ended { try outbox.publish(SessionRevoked(sessionId: session, userId: user), in: transaction) }
    return ended
  }

  /// Has every node know which sessions have ended.
  func tellEnded(_ ended: [SessionID]) async {
    for session in ended { await authenticator.end(session) }
  }
}

/// What can be set about the ways in.
struct WayInRules: Sendable {
  var codeLifetime = Duration.seconds(300)
  var codePause = Duration.seconds(30)
  var codeTries = 5
  var resetLifetime: Duration
  var wrongAttempts: Int
  var attemptWindow = Duration.seconds(900)
  /// Of the country whose numbers may be typed as they are dialled there.
  var callingCode: String
}
