import CatalogAPI
import Kernel
import Persistence
import ServiceKit

/// The categories of all menus; a deleted one stays as a row.
struct CategoryStore {
  let transaction: any Transaction

  init(_ transaction: any Transaction) { self.transaction = transaction }

  /// A category with whose it is.
  struct Owned {
    var category: MenuCategory
    var tenantID: TenantID
    var isDeleted: Bool
  }

  private static let columns = "id, restaurant_id, version, name, description, sort_order, tenant_id, deleted_at"

  private static func owned(_ row: any Row) throws -> Owned {
    Owned(
      category: MenuCategory(
        id: try row.id(0), restaurantId: try row.id(1), version: row.integer(2), name: row.text(3), description: row.optionalText(4),
        sortOrder: row.integer(5)),
      tenantID: try row.id(6), isDeleted: !row.isNull(7))
  }

  func find(_ id: CategoryID) throws -> Owned? {
    try transaction.first("SELECT \(Self.columns) FROM catalog_categories WHERE id = ?", .id(id), as: Self.owned)
  }

  /// The categories of a restaurant in their order.
  func all(of restaurant: RestaurantID) throws -> [MenuCategory] {
    try transaction.all(
      "SELECT \(Self.columns) FROM catalog_categories WHERE restaurant_id = ? AND deleted_at IS NULL ORDER BY sort_order, id", .id(restaurant)
    ) { try Self.owned($0).category }
  }

  func count(of restaurant: RestaurantID) throws -> Int {
    try transaction.first("SELECT COUNT(*) FROM catalog_categories WHERE restaurant_id = ? AND deleted_at IS NULL", .id(restaurant)) {
      $0.integer(0)
    } ?? 0
  }

  func insert(_ category: MenuCategory, tenant: TenantID, at now: Instant) throws {
    try transaction.run(
      """
      INSERT INTO catalog_categories (id, restaurant_id, tenant_id, version, name, description, sort_order, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """, .id(category.id), .id(category.restaurantId), .id(tenant), .integer(category.version), .text(category.name),
      .optional(category.description), .integer(category.sortOrder), .instant(now))
  }

  /// Writes the category over the version before it; answers false when another change came first.
  func update(_ category: MenuCategory) throws -> Bool {
    try transaction.run(
      "UPDATE catalog_categories SET version = ?, name = ?, description = ?, sort_order = ? WHERE id = ? AND version = ? AND deleted_at IS NULL",
      .integer(category.version), .text(category.name), .optional(category.description), .integer(category.sortOrder), .id(category.id),
      .integer(category.version - 1)) > 0
  }

  func delete(_ id: CategoryID, at now: Instant) throws {
    try transaction.run("UPDATE catalog_categories SET deleted_at = ?, version = version + 1 WHERE id = ?", .instant(now), .id(id))
  }
}
