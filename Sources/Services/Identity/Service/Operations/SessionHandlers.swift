import IdentityAPI
import Kernel
import Messaging
import Persistence
import ServiceKit

/// Answers `ListSessions`, `EndSession` and `EndSessions`.
struct SessionHandlers: Sendable {
  let context: IdentityContext
  let cookies: SessionCookie
  private static let most = 100

  func answer(_ request: ListSessions) async throws -> Page<OpenSession> {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    let own = Caller.current.session
    let now = context.time.now
    let found = try await context.database.read { [context] in try context.sessions.live(of: user, at: now, limit: Self.most, in: $0) }
    return Page(items: found.map { $0.shown(isCurrent: $0.id == own) })
  }

  func answer(_ request: EndSession) async throws -> Done {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    let context = context
    let now = context.time.now
    let entry = context.entry(.sessionsEnded, about: user, before: request.sessionId.description)
    try await context.database.write { transaction in
      guard try context.sessions.find(request.sessionId, in: transaction)?.user == user else { throw EndSessionRefusal.sessionUnknown }
      guard try context.sessions.revoke(request.sessionId, at: now, in: transaction) != nil else { return }
      try context.outbox.publish(SessionRevoked(sessionId: request.sessionId, userId: user), in: transaction)
      try context.audit.insert(entry, in: transaction)
    }
    await context.tellEnded([request.sessionId])
    if request.sessionId == Caller.current.session { cookies.clear() }
    return Done()
  }

  func answer(_ request: EndSessions) async throws -> EndedSessions {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    let context = context
    let now = context.time.now
    let kept = request.keepThis ? Caller.current.session : nil
    let entry = context.entry(.sessionsEnded, about: user, before: request.keepThis ? "others" : "all")
    let ended = try await context.database.write { transaction in
      let ended = try context.endSessions(of: user, except: kept, at: now, in: transaction)
      if !ended.isEmpty { try context.audit.insert(entry, in: transaction) }
      return ended
    }
    await context.tellEnded(ended)
    if !request.keepThis { cookies.clear() }
    return EndedSessions(count: ended.count)
  }
}
