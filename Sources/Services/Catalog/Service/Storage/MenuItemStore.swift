import CatalogAPI
import Kernel
import Persistence
import ServiceKit

/// The dishes of all menus and what they cost over time; a deleted dish stays as a row.
struct MenuItemStore {
  let transaction: any Transaction

  init(_ transaction: any Transaction) { self.transaction = transaction }

  /// A dish with whose it is.
  struct Owned {
    var item: MenuItem
    var tenantID: TenantID
    var isDeleted: Bool
  }

  private static let columns = """
    id, restaurant_id, category_id, version, name, description, image_url, currency, price, tax_class, is_available, unavailable_until, \
    sort_order, option_groups, tenant_id, deleted_at
    """

  private static func owned(_ row: any Row) throws -> Owned {
    let currency = try row.currency(7)
    return Owned(
      item: MenuItem(
        id: try row.id(0), restaurantId: try row.id(1), categoryId: try row.id(2), version: row.integer(3), name: row.text(4),
        description: row.optionalText(5), imageUrl: row.optionalText(6), currency: currency,
        price: Money(units: row.integer(8), currency).amount, taxClass: row.optionalText(9), isAvailable: row.boolean(10),
        unavailableUntil: row.optionalInstant(11), sortOrder: row.integer(12), optionGroups: try row.json(13)),
      tenantID: try row.id(14), isDeleted: !row.isNull(15))
  }

  func find(_ id: MenuItemID) throws -> Owned? {
    try transaction.first("SELECT \(Self.columns) FROM catalog_items WHERE id = ?", .id(id), as: Self.owned)
  }

  /// The dishes of a restaurant in their order.
  func all(of restaurant: RestaurantID) throws -> [MenuItem] {
    try transaction.all(
      "SELECT \(Self.columns) FROM catalog_items WHERE restaurant_id = ? AND deleted_at IS NULL ORDER BY sort_order, id", .id(restaurant)
    ) { try Self.owned($0).item }
  }

  /// A page of a restaurant's dishes by id.
  func page(of restaurant: RestaurantID, category: CategoryID?, after cursor: MenuItemID?, limit: Int) throws -> [MenuItem] {
    var sql = "SELECT \(Self.columns) FROM catalog_items WHERE restaurant_id = ? AND deleted_at IS NULL"
    var arguments: [SQLValue] = [.id(restaurant)]
    if let category {
      sql += " AND category_id = ?"
      arguments.append(.id(category))
    }
    if let cursor {
      sql += " AND id > ?"
      arguments.append(.id(cursor))
    }
    return try transaction.all(sql + " ORDER BY id LIMIT ?", arguments + [.integer(limit)]) { try Self.owned($0).item }
  }

  func count(of restaurant: RestaurantID) throws -> Int {
    try transaction.first("SELECT COUNT(*) FROM catalog_items WHERE restaurant_id = ? AND deleted_at IS NULL", .id(restaurant)) {
      $0.integer(0)
    } ?? 0
  }

  func isEmpty(_ category: CategoryID) throws -> Bool {
    try transaction.first("SELECT id FROM catalog_items WHERE category_id = ? AND deleted_at IS NULL LIMIT 1", .id(category)) { _ in true } == nil
  }

  /// Adds dishes and their first prices, each in one statement.
  func insert(_ items: [MenuItem], tenant: TenantID, by user: UserID?, at now: Instant) throws {
    let marks = Array(repeating: "(\(transaction.marks(17)))", count: items.count).joined(separator: ", ")
    var arguments: [SQLValue] = []
    for item in items {
      arguments += [
        .id(item.id), .id(item.restaurantId), .id(tenant), .id(item.categoryId), .integer(item.version), .text(item.name),
        .optional(item.description), .optional(item.imageUrl), .text(item.currency.code), .integer(try Self.units(of: item)),
        .optional(item.taxClass), .boolean(item.isAvailable), .instant(item.unavailableUntil), .integer(item.sortOrder),
        .json(item.optionGroups), .instant(now), .instant(now)
      ]
    }
    try transaction.run(
      """
      INSERT INTO catalog_items (id, restaurant_id, tenant_id, category_id, version, name, description, image_url, currency, price, tax_class,
        is_available, unavailable_until, sort_order, option_groups, created_at, updated_at) VALUES \(marks)
      """, arguments)
    try notePrices(of: items, by: user, at: now)
  }

  /// Writes the dish over the version before it; answers false when another change came first.
  func update(_ item: MenuItem, at now: Instant) throws -> Bool {
    try transaction.run(
      """
      UPDATE catalog_items SET version = ?, category_id = ?, name = ?, description = ?, image_url = ?, price = ?, tax_class = ?,
        is_available = ?, unavailable_until = ?, sort_order = ?, option_groups = ?, updated_at = ?
      WHERE id = ? AND version = ? AND deleted_at IS NULL
      """, .integer(item.version), .id(item.categoryId), .text(item.name), .optional(item.description), .optional(item.imageUrl),
      .integer(try Self.units(of: item)), .optional(item.taxClass), .boolean(item.isAvailable), .instant(item.unavailableUntil),
      .integer(item.sortOrder), .json(item.optionGroups), .instant(now), .id(item.id), .integer(item.version - 1)) > 0
  }

  func delete(_ id: MenuItemID, at now: Instant) throws {
    try transaction.run(
      "UPDATE catalog_items SET deleted_at = ?, updated_at = ?, version = version + 1 WHERE id = ?", .instant(now), .instant(now), .id(id))
  }

  /// Remembers what the dishes cost from now on.
  func notePrices(of items: [MenuItem], by user: UserID?, at now: Instant) throws {
    let marks = Array(repeating: "(\(transaction.marks(6)))", count: items.count).joined(separator: ", ")
    let arguments = try items.flatMap { item -> [SQLValue] in
      [.id(item.id), .integer(item.version), .text(item.currency.code), .integer(try Self.units(of: item)), .instant(now), .id(user)]
    }
    try transaction.run("INSERT INTO catalog_prices (item_id, version, currency, price, changed_at, changed_by) VALUES \(marks)", arguments)
  }

  /// The prices of a dish, the latest first, each with the version it came with.
  func prices(of id: MenuItemID, before version: Int?, limit: Int) throws -> [(version: Int, change: PriceChange)] {
    try transaction.all(
      """
      SELECT version, currency, price, changed_at, changed_by FROM catalog_prices WHERE item_id = ? AND version < ?
      ORDER BY version DESC LIMIT ?
      """, .id(id), .integer(version ?? Int.max), .integer(limit)
    ) { row in
      let currency = try row.currency(1)
      return (
        row.integer(0),
        PriceChange(currency: currency, price: Money(units: row.integer(2), currency).amount, from: row.instant(3), by: try row.optionalID(4))
      )
    }
  }

  private static func units(of item: MenuItem) throws -> Int {
    guard let money = Money(item.price, item.currency) else { throw CorruptRow("\(item.price) is no amount of \(item.currency)") }
    return money.units
  }
}
