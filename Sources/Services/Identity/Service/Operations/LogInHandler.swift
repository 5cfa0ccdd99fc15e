import IdentityAPI
import Passwords
import Persistence
import ServiceKit

/// Answers `LogIn`; who has no account waits as long as who has one.
struct LogInHandler: Sendable {
  let database: any Database
  let passwords: PasswordHasher
  let opener: SessionOpener
  private let accounts = AccountStore()

  init(database: any Database, passwords: PasswordHasher, opener: SessionOpener) {
    self.database = database
    self.passwords = passwords
    self.opener = opener
  }

  func answer(_ request: LogIn) async throws -> SignedIn {
    var found: (account: Account, passwordHash: String)?
    if let email = EmailAddress(request.email) {
      found = try await database.read { [accounts] in try accounts.find(email, in: $0) }
    }
    let isRight = try await passwords.verify(request.password, against: found?.passwordHash)
    guard isRight, let account = found?.account else { throw LogInRefusal.wrongCredentials }
    let draft = opener.draft()
    try await database.write { [opener] in try opener.open(draft, for: account, in: $0) }
    return try await opener.reply(draft, for: account)
  }
}
