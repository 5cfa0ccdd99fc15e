import IdentityAPI
import Messaging
import Persistence
import ServiceKit

/// Answers `LogOut`.
struct LogOutHandler: Sendable {
  let context: IdentityContext
  let cookies: SessionCookie

  func answer(_ request: LogOut) async throws -> Done {
    guard let session = Caller.current.session else { return Done() }
    let context = context
    let now = context.time.now
    let entry = context.entry(.signedOut, about: Caller.current.user)
    try await context.database.write { transaction in
      guard let user = try context.sessions.revoke(session, at: now, in: transaction) else { return }
      try context.outbox.publish(SessionRevoked(sessionId: session, userId: user), in: transaction)
      try context.audit.insert(entry, in: transaction)
    }
    await context.authenticator.end(session)
    cookies.clear()
    return Done()
  }
}
