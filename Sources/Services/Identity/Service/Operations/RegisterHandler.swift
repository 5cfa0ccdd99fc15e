import IdentityAPI
import Messaging
import Passwords
import Persistence
import ServiceKit

/// Answers `Register`.
struct RegisterHandler: Sendable {
  let database: any Database
  let outbox: Outbox
  let ids: IdentifierSource
  let passwords: PasswordHasher
  let opener: SessionOpener
  private let accounts = AccountStore()

  init(database: any Database, outbox: Outbox, ids: IdentifierSource, passwords: PasswordHasher, opener: SessionOpener) {
    self.database = database
    self.outbox = outbox
    self.ids = ids
    self.passwords = passwords
    self.opener = opener
  }

  func answer(_ request: Register) async throws -> SignedIn {
    let signUp = try SignUp(request)
    let hash = try await passwords.hash(request.password, salt: (ids.random(), ids.random()))
    let id: UserID = ids.next()
    let draft = opener.draft()
    let account = Account(
      id: id, email: signUp.email.text, firstName: signUp.firstName, lastName: signUp.lastName, phone: signUp.phone, roles: [signUp.role],
      createdAt: draft.now)
    let isNew = try await database.write { [accounts, opener, outbox] transaction in
      guard try accounts.insert(id, signUp, passwordHash: hash, at: draft.now, in: transaction) else { return false }
      try opener.open(draft, for: account, in: transaction)
      if signUp.role == .customer {
        try outbox.publish(
          CustomerCreated(userId: id, email: account.email, displayName: account.displayName, createdAt: draft.now), in: transaction)
      }
      return true
    }
    guard isNew else { throw RegisterRefusal.emailTaken }
    return try await opener.reply(draft, for: account)
  }
}
