import CatalogAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// `/admin/tenants`: the organisations that sell food, the newest first.
enum TenantsPage {
  static func show(_ request: PageRequest) async throws -> WebResponse {
    let found = try await request.call(ListTenants(cursor: try request.filter("cursor", TenantID.self), limit: 50))
    var fields: [String: Any] = [
      "items": found.items.map { ["id": $0.id.description, "name": $0.name, "createdAt": request.moment($0.createdAt)] },
      "isEmpty": found.items.isEmpty
    ]
    fields.merge(request.pager("/admin/tenants", [], next: found.nextCursor)) { $1 }
    return try request.admin("tenants", at: "tenants", fields)
  }
}
