import IdentityAPI
import Kernel
import Messaging
import Persistence
import ServiceKit

/// Answers `ExportAccount` and `EraseMe`.
struct PersonDataHandlers: Sendable {
  let context: IdentityContext
  let cookies: SessionCookie
  private let profiles = ProfileStore()
  /// How long ago somebody without a password may have signed in.
  private static let recent = Duration.seconds(900)
  private static let mostEntries = 1000

  init(context: IdentityContext, cookies: SessionCookie) {
    self.context = context
    self.cookies = cookies
  }

  func answer(_ request: ExportAccount) async throws -> AccountData {
    let context = context
    let user = request.userId
    let now = context.time.now
    let entry = context.entry(.dataExported, about: user, by: user)
    try await context.database.write { try context.audit.insert(entry, in: $0) }
    return try await context.database.read { [profiles] transaction -> AccountData in
      guard let account = try context.accounts.credentials(of: user, in: transaction)?.account else { throw ReadMeRefusal.userUnknown }
      let sessions = try context.sessions.live(of: user, at: now, limit: 100, in: transaction)
      return AccountData(
        account: account, addresses: try profiles.addresses(of: user, limit: AddressHandlers.most, in: transaction),
        consents: try profiles.consents(of: user, limit: ProfileHandlers.mostConsents, in: transaction),
        providers: try profiles.providers(of: user, in: transaction),
        sessions: sessions.map { $0.shown(isCurrent: false) },
        record: try context.audit.list(AuditFilter(subjectId: user), after: nil, limit: Self.mostEntries, in: transaction))
    }
  }

  func answer(_ request: EraseMe) async throws -> Done {
    let context = context
    let found = try await context.ownCredentials()
    let user = found.account.id
    guard found.account.tenantId == nil, !found.account.roles.contains(where: Role.administrators.contains) else { throw EraseMeRefusal.notOwn }
    let now = context.time.now
    if found.passwordHash != nil {
      do {
        guard let password = request.password, try await SignInDesk(context: context).isOwn(password, found) else {
          throw EraseMeRefusal.wrongPassword
        }
      } catch LogInRefusal.tooManyAttempts { throw EraseMeRefusal.tooManyAttempts }
    } else {
      let session = Caller.current.session
      let opened = try await context.database.read { transaction in try session.flatMap { try context.sessions.find($0, in: transaction)?.createdAt }
      }
      guard let opened, now.since(opened) < Self.recent else { throw EraseMeRefusal.signInAgain }
    }
    let entry = context.entry(.erased, about: user)
    let ended = try await context.database.write { [profiles] transaction in
      let ended = try context.endSessions(of: user, at: now, in: transaction)
      try profiles.erase(user, at: now, in: transaction)
      try context.audit.insert(entry, in: transaction)
      try context.outbox.publish(PersonErased(userId: user, erasedAt: now), in: transaction)
      return ended
    }
    await context.tellEnded(ended)
    cookies.clear()
    return Done()
  }
}
