import IdentityAPI
import Persistence
import ServiceKit
import Wire

/// Answers `LogInStaff`, and `ReplaceFirstPassword`, which is a sign-in that changes the password on its way.
struct LogInStaffHandler: Sendable {
  let context: IdentityContext

  func answer(_ request: LogInStaff) async throws -> SignedIn {
    try await admit(request.username, of: request.tenantId, showing: .init(password: request.password, code: request.code))
  }

  private func admit(_ typed: String, of tenant: TenantID, showing proof: SignInDesk.Proof) async throws -> SignedIn {
    let name = Username(typed)
    var found: AccountStore.Credentials?
    if let name { found = try await context.database.read { [context] in try context.accounts.find(name, of: tenant, in: $0) } }
    return try await SignInDesk(context: context).admit(found, called: "staff \(tenant) \(name?.text ?? typed)", showing: proof)
  }
}

extension LogInStaffHandler {
  /// Answers `ReplaceFirstPassword`.
  func answer(_ request: ReplaceFirstPassword) async throws -> SignedIn {
    try PasswordRules.require(request.newPassword, path: "newPassword")
    guard request.newPassword != request.password else {
      throw InvalidInput([Fault(path: "newPassword", message: "must be another than the first")])
    }
    return try await admit(
      request.username, of: request.tenantId,
      showing: .init(password: request.password, code: request.code, newPassword: request.newPassword))
  }
}
