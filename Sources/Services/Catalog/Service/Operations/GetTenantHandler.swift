import CatalogAPI
import Kernel
import Persistence
import ServiceKit

/// Reads one tenant.
struct GetTenantHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: GetTenant) async throws -> Tenant {
    guard Caller.current.actsFor(request.tenantId), let tenant = try await context.database.read({ try TenantStore($0).find(request.tenantId) })
    else { throw CatalogRefusal.tenantUnknown }
    return tenant
  }
}
