import CatalogAPI
import IdentityAPI
import Kernel
import Messaging
import Persistence
import ServiceKit
import Wire

/// Founds a tenant: the row first, then the role, then the row is complete. Whatever dies in between, asking again finishes it.
struct CreateTenantHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: CreateTenant) async throws -> Tenant {
    guard let founder = Caller.current.user else { throw Denial.notSignedIn }
    guard Caller.current.tenant == nil else { throw CatalogRefusal.hasTenant }
    guard !request.name.isBlank else { throw InvalidInput([Fault(path: "name", message: "must not be blank")]) }
    return try await found(Tenant(id: context.ids.next(), version: 1, name: request.name, createdAt: context.time.now), by: founder)
  }

  /// Answers `FoundTenant`.
  func found(_ request: FoundTenant) async throws -> Tenant {
    if let known = try await context.database.read({ try TenantStore($0).find(request.tenantId) }) { return known }
    let fresh = Tenant(id: request.tenantId, version: 1, name: request.name, createdAt: context.time.now)
    return try await found(fresh, by: request.ownerId)
  }

  private func found(_ fresh: Tenant, by founder: UserID) async throws -> Tenant {
    let tenant = try await context.database.write { transaction -> Tenant in
      let store = TenantStore(transaction)
      if try store.founded(by: founder)?.isFounded == true { throw CatalogRefusal.hasTenant }
      try store.begin(fresh, founder: founder)
      guard let begun = try store.founded(by: founder) else { throw CorruptRow("the tenant of \(founder) is gone") }
      return begun.tenant
    }
    do throws(CallFailure<GrantRoleRefusal>) {
      _ = try await context.switchboard.callAsSystem(GrantRole(userId: founder, role: .owner, tenantId: tenant.id))
    } catch .refused(.otherTenant) {
      throw CatalogRefusal.hasTenant
    } catch .refused(.userUnknown) {
      // The account went while its session was still good.
      throw Denial.notSignedIn
    } catch {
      throw error
    }
    let outbox = context.outbox
    try await context.database.write { transaction in
      guard try TenantStore(transaction).complete(tenant.id) else { return }
      try outbox.publish(TenantCreated(tenantId: tenant.id, tenantName: tenant.name, ownerId: founder), in: transaction)
    }
    return tenant
  }
}
