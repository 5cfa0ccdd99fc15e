import IdentityAPI
import Persistence
import ServiceKit
import Tokens

/// Answers `ResetPassword`.
struct ResetPasswordHandler: Sendable {
  let context: IdentityContext

  func answer(_ request: ResetPassword) async throws -> Done {
    try PasswordRules.require(request.newPassword, path: "newPassword")
    let context = context
    let hash = try await context.hash(request.newPassword)
    let now = context.time.now
    let entry = context.entry(.passwordReset, about: nil)
    let ended = try await context.database.write { transaction -> [SessionID]? in
      guard let user = try context.secrets.useReset(TokenDigest(of: request.token), at: now, in: transaction),
        let account = try context.accounts.credentials(of: user, in: transaction)?.account
      else { return nil }
      try context.secrets.setPassword(hash, of: user, isFirst: false, in: transaction)
      // The link came by mail: the address is theirs.
      try context.accounts.setEmailVerified(user, at: now, in: transaction)
      try context.audit.insert(entry.about(account), in: transaction)
      return try context.endSessions(of: user, at: now, in: transaction)
    }
    guard let ended else { throw ResetPasswordRefusal.linkInvalid }
    await context.tellEnded(ended)
    return Done()
  }
}
