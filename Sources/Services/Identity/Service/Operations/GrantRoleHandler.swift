import IdentityAPI
import Messaging
import Persistence
import ServiceKit
import Wire

/// Answers `GrantRole`.
struct GrantRoleHandler: Sendable {
  let context: IdentityContext

  func answer(_ request: GrantRole) async throws -> Done {
    guard Role.staff.contains(request.role) == (request.tenantId != nil), request.role != .system else {
      throw InvalidInput([Fault(path: "tenantId", message: "goes with the roles of staff, and with no other")])
    }
    let context = context
    let now = context.time.now
    let entry = context.entry(.roleGranted, about: request.userId, of: request.tenantId, after: request.role.rawValue)
    let grant = try await context.database.write { transaction in
      let grant = try context.accounts.grant(request.role, of: request.tenantId, to: request.userId, at: now, in: transaction)
      if grant == .given {
        try context.outbox.publish(RoleGranted(userId: request.userId, role: request.role, tenantId: request.tenantId), in: transaction)
        try context.audit.insert(entry, in: transaction)
      }
      return grant
    }
    switch grant {
    case .userUnknown: throw GrantRoleRefusal.userUnknown
    case .otherTenant: throw GrantRoleRefusal.otherTenant
    case .given, .had: break
    }
    await context.authenticator.rolesChanged(of: request.userId)
    return Done()
  }
}
