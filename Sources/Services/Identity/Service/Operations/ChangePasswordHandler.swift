import IdentityAPI
import Persistence
import ServiceKit

/// Answers `ChangePassword`.
struct ChangePasswordHandler: Sendable {
  let context: IdentityContext

  func answer(_ request: ChangePassword) async throws -> Done {
    try PasswordRules.require(request.newPassword, path: "newPassword")
    let context = context
    let found = try await context.ownCredentials()
    do {
      guard try await SignInDesk(context: context).isOwn(request.password, found) else { throw ChangePasswordRefusal.wrongPassword }
    } catch LogInRefusal.tooManyAttempts { throw ChangePasswordRefusal.tooManyAttempts }
    let hash = try await context.hash(request.newPassword)
    let now = context.time.now
    let (user, kept) = (found.account.id, Caller.current.session)
    let entry = context.entry(.passwordChanged, about: user)
    let ended = try await context.database.write { transaction in
      try context.secrets.setPassword(hash, of: user, isFirst: false, in: transaction)
      try context.audit.insert(entry, in: transaction)
      return try context.endSessions(of: user, except: kept, at: now, in: transaction)
    }
    await context.tellEnded(ended)
    return Done()
  }
}

extension IdentityContext {
  /// The caller's account with what proves it.
  func ownCredentials() async throws -> AccountStore.Credentials {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    // Who went meanwhile is signed in no longer.
    guard let found = try await database.read({ [accounts] in try accounts.credentials(of: user, in: $0) }) else { throw Denial.notSignedIn }
    return found
  }
}
