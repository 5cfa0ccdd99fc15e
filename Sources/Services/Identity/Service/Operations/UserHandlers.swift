import IdentityAPI
import Kernel
import Persistence
import ServiceKit
import Wire

/// Answers `ListUsers` and `UpdateUserStatus`.
struct UserHandlers: Sendable {
  let context: IdentityContext

  func answer(_ request: ListUsers) async throws -> Page<UserStanding> {
    let after = try request.cursor.map { try cursor($0, UserID.self) }
    let email = request.email.flatMap { $0.isEmpty ? nil : $0 }.map { EmailAddress($0) }
    if case .some(.none) = email { return Page(items: []) }
    let found = try await context.database.read { [context] in
      try context.accounts.list(
        email: email ?? nil, user: request.userId, role: request.role, tenant: request.tenantId, after: after, limit: request.limit + 1, in: $0)
    }
    return Page(found, upTo: request.limit, cursor: \.user.id.description)
  }

  func answer(_ request: UpdateUserStatus) async throws -> UserStanding {
    let context = context
    let caller = Caller.current
    if request.userId == caller.user { throw UpdateUserStatusRefusal.isSelf }
    let now = context.time.now
    let entry = context.entry(.userStatusChanged, about: request.userId, after: (request.isDisabled ? "disabled" : "enabled"))
    let (standing, ended) = try await context.database.write { transaction -> (UserStanding, [SessionID]) in
      guard let found = try context.accounts.credentials(of: request.userId, in: transaction) else { throw UpdateUserStatusRefusal.userUnknown }
      if found.account.roles.contains(where: Role.administrators.contains), !caller.has(.superAdmin) { throw UpdateUserStatusRefusal.aboveCaller }
      let standing = UserStanding(user: found.account, isDisabled: request.isDisabled)
      guard found.isDisabled != request.isDisabled else { return (standing, []) }
      try context.accounts.setDisabled(request.userId, since: request.isDisabled ? now : nil, in: transaction)
      var entry = entry
      entry.before = request.reason
      entry.tenantId = found.account.tenantId
      try context.audit.insert(entry, in: transaction)
      return (standing, request.isDisabled ? try context.endSessions(of: request.userId, at: now, in: transaction) : [])
    }
    await context.tellEnded(ended)
    return standing
  }
}
