import IdentityAPI
import Persistence

/// Answers `LogIn`.
struct LogInHandler: Sendable {
  let context: IdentityContext

  func answer(_ request: LogIn) async throws -> SignedIn {
    var found: AccountStore.Credentials?
    let email = EmailAddress(request.email)
    if let email { found = try await context.database.read { [context] in try context.accounts.find(email, in: $0) } }
    return try await SignInDesk(context: context).admit(
      found, called: "email \(email?.text ?? request.email)", showing: .init(password: request.password, code: request.code))
  }
}
