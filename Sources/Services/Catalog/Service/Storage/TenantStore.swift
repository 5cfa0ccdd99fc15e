import CatalogAPI
import Kernel
import Persistence
import ServiceKit

/// The tenants of the installation.
struct TenantStore {
  let transaction: any Transaction

  init(_ transaction: any Transaction) { self.transaction = transaction }

  /// The tenant, once its founder owns it.
  func find(_ id: TenantID) throws -> Tenant? {
    try transaction.first("SELECT id, version, name, created_at FROM catalog_tenants WHERE id = ? AND is_founded = 1", .id(id)) { row in
      Tenant(id: try row.id(0), version: row.integer(1), name: row.text(2), createdAt: row.instant(3))
    }
  }

  /// The tenants after one, the newest first.
  func list(after: TenantID?, limit: Int) throws -> [Tenant] {
    try transaction.all(
      "SELECT id, version, name, created_at FROM catalog_tenants WHERE is_founded = 1 AND id < ? ORDER BY id DESC LIMIT ?",
      .text(after?.description ?? "g"), .integer(limit)
    ) { row in
      Tenant(id: try row.id(0), version: row.integer(1), name: row.text(2), createdAt: row.instant(3))
    }
  }

  /// What a person has founded, or begun to found.
  func founded(by founder: UserID) throws -> (tenant: Tenant, isFounded: Bool)? {
    try transaction.first("SELECT id, version, name, created_at, is_founded FROM catalog_tenants WHERE founder_id = ?", .id(founder)) { row in
      (Tenant(id: try row.id(0), version: row.integer(1), name: row.text(2), createdAt: row.instant(3)), row.boolean(4))
    }
  }

  /// Begins a tenant; a repeated attempt of the same founder takes the new name.
  func begin(_ tenant: Tenant, founder: UserID) throws {
    try transaction.run(
      """
      INSERT INTO catalog_tenants (id, version, name, founder_id, is_founded, created_at) VALUES (?, ?, ?, ?, 0, ?)
      ON CONFLICT (founder_id) DO UPDATE SET name = excluded.name
      """, .id(tenant.id), .integer(tenant.version), .text(tenant.name), .id(founder), .instant(tenant.createdAt))
  }

  /// Marks the tenant as founded; answers whether it was not yet.
  func complete(_ id: TenantID) throws -> Bool {
    try transaction.run("UPDATE catalog_tenants SET is_founded = 1 WHERE id = ? AND is_founded = 0", .id(id)) > 0
  }
}
