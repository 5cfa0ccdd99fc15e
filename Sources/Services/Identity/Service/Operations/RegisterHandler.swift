import IdentityAPI
import Messaging
import Persistence
import ServiceKit

/// Answers `Register`.
struct RegisterHandler: Sendable {
  let context: IdentityContext

  func answer(_ request: Register) async throws -> SignedIn {
    let signUp = try SignUp(request)
    let context = context
    let hash = try await context.hash(request.password)
    let draft = context.opener.draft(.password)
    let account = signUp.account(context.ids.next(), at: draft.now)
    let entry = context.entry(.registered, about: account.id, by: account.id, after: signUp.role.rawValue)
    let isNew = try await context.database.write { transaction in
      guard try context.accounts.insert(account, passwordHash: hash, in: transaction) else { return false }
      try context.opener.open(draft, for: account, in: transaction)
      try context.audit.insert(entry, in: transaction)
      if signUp.role == .customer {
        try context.outbox.publish(
          CustomerCreated(userId: account.id, email: account.email, displayName: account.displayName, createdAt: draft.now), in: transaction)
      }
      return true
    }
    guard isNew else { throw RegisterRefusal.emailTaken }
    return try await context.opener.reply(draft, for: account)
  }
}
