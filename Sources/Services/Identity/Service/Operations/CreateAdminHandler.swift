import IdentityAPI
import Persistence
import ServiceKit

/// Answers `CreateAdmin`.
struct CreateAdminHandler: Sendable {
  let context: IdentityContext

  func answer(_ request: CreateAdmin) async throws -> Account {
    let signUp = try SignUp(request)
    let context = context
    let hash = try await context.hash(request.password)
    let account = signUp.account(context.ids.next(), at: context.time.now)
    let entry = context.entry(.registered, about: account.id, after: signUp.role.rawValue)
    let isNew = try await context.database.write { transaction in
      guard try context.accounts.insert(account, passwordHash: hash, isEmailVerified: true, in: transaction) else { return false }
      try context.audit.insert(entry, in: transaction)
      return true
    }
    guard isNew else { throw RegisterRefusal.emailTaken }
    return account
  }
}
