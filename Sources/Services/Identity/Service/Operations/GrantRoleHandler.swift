import IdentityAPI
import Messaging
import Persistence
import ServiceKit
import Wire

/// Answers `GrantRole`.
struct GrantRoleHandler: Sendable {
  let database: any Database
  let outbox: Outbox
  let time: TimeSource
  let authenticator: SessionAuthenticator

  func answer(_ request: GrantRole) async throws -> Done {
    guard Role.staff.contains(request.role) == (request.tenantId != nil), request.role != .system else {
      throw InvalidInput([Fault(path: "tenantId", message: "goes with the roles of staff, and with no other")])
    }
    let now = time.now
    let grant = try await database.write { [outbox] transaction in
      let grant = try AccountStore().grant(request.role, of: request.tenantId, to: request.userId, at: now, in: transaction)
      if grant == .given {
        try outbox.publish(RoleGranted(userId: request.userId, role: request.role, tenantId: request.tenantId), in: transaction)
      }
      return grant
    }
    switch grant {
    case .userUnknown: throw GrantRoleRefusal.userUnknown
    case .otherTenant: throw GrantRoleRefusal.otherTenant
    case .given, .had: break
    }
    await authenticator.rolesChanged(of: request.userId)
    return Done()
  }
}
