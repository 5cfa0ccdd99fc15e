import IdentityAPI
import Kernel
import Messaging
import Persistence
import ServiceKit

/// Answers `ListUserSessions` and `EndUserSessions`.
struct UserSessionHandlers: Sendable {
  let context: IdentityContext
  private static let most = 100

  func answer(_ request: ListUserSessions) async throws -> Page<OpenSession> {
    let (context, caller, now) = (context, Caller.current, context.time.now)
    let found = try await context.database.read { transaction in
      _ = try context.account(request.userId, lookedAfterBy: caller, in: transaction)
      return try context.sessions.live(of: request.userId, at: now, limit: Self.most, in: transaction)
    }
    return Page(items: found.map { $0.shown(isCurrent: $0.id == caller.session) })
  }

  func answer(_ request: EndUserSessions) async throws -> EndedSessions {
    let (context, caller, now) = (context, Caller.current, context.time.now)
    let entry = context.entry(.sessionsEnded, about: request.userId, before: request.sessionId?.description ?? "all", after: request.reason)
    let ended = try await context.database.write { transaction -> [SessionID] in
      var entry = entry
      entry.tenantId = try context.account(request.userId, lookedAfterBy: caller, in: transaction).tenantId
      let ended: [SessionID]
      if let session = request.sessionId {
        guard try context.sessions.find(session, in: transaction)?.user == request.userId else { throw UserSessionsRefusal.sessionUnknown }
        guard try context.sessions.revoke(session, at: now, in: transaction) != nil else { return [] }
        try context.outbox.publish(SessionRevoked(sessionId: session, userId: request.userId), in: transaction)
        ended = [session]
      } else {
        ended = try context.endSessions(of: request.userId, at: now, in: transaction)
      }
      if !ended.isEmpty { try context.audit.insert(entry, in: transaction) }
      return ended
    }
    await context.tellEnded(ended)
    return EndedSessions(count: ended.count)
  }
}

extension IdentityContext {
  /// The account, if it stands below the caller or is the caller's own.
  fileprivate func account(_ user: UserID, lookedAfterBy caller: Caller, in transaction: any Transaction) throws -> Account {
    guard let account = try accounts.credentials(of: user, in: transaction)?.account else { throw UserSessionsRefusal.userUnknown }
    let isAbove = account.roles.contains(where: Role.administrators.contains) && !caller.has(.superAdmin)
    guard !isAbove || user == caller.user else { throw UserSessionsRefusal.aboveCaller }
    return account
  }
}
