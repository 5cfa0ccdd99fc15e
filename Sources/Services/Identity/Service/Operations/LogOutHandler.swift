import IdentityAPI
import Messaging
import Persistence
import ServiceKit

/// Answers `LogOut`.
struct LogOutHandler: Sendable {
  let database: any Database
  let outbox: Outbox
  let time: TimeSource
  let authenticator: SessionAuthenticator
  let cookies: SessionCookie
  private let sessions = SessionStore()

  init(database: any Database, outbox: Outbox, time: TimeSource, authenticator: SessionAuthenticator, cookies: SessionCookie) {
    self.database = database
    self.outbox = outbox
    self.time = time
    self.authenticator = authenticator
    self.cookies = cookies
  }

  func answer(_ request: LogOut) async throws -> Done {
    guard let session = Caller.current.session else { return Done() }
    let now = time.now
    try await database.write { [sessions, outbox] transaction in
      guard let user = try sessions.revoke(session, at: now, in: transaction) else { return }
      try outbox.publish(SessionRevoked(sessionId: session, userId: user), in: transaction)
    }
    await authenticator.end(session)
    cookies.clear()
    return Done()
  }
}
