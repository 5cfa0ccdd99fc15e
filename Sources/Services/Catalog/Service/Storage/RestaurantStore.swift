import CatalogAPI
import Kernel
import Persistence
import ServiceKit

/// The restaurants of all tenants.
struct RestaurantStore {
  let transaction: any Transaction

  init(_ transaction: any Transaction) { self.transaction = transaction }

  private static let columns = """
    r.id, r.tenant_id, r.version, r.is_active, r.created_at, r.updated_at, r.details, r.rating_sum, r.rating_count, r.waiting_since, \
    r.approved_at, r.approval_note
    """

  private static func record(_ row: any Row) throws -> RestaurantRecord {
    RestaurantRecord(
      id: try row.id(0), tenantID: try row.id(1), version: row.integer(2), isActive: row.boolean(3), createdAt: row.instant(4),
      updatedAt: row.instant(5), details: try row.json(6), ratings: Ratings(sum: row.integer(7), count: row.integer(8)),
      approval: Approval(waitingSince: row.optionalInstant(9), approvedAt: row.optionalInstant(10), note: row.optionalText(11)))
  }

  func find(_ id: RestaurantID) throws -> RestaurantRecord? {
    try transaction.first("SELECT \(Self.columns) FROM catalog_restaurants r WHERE r.id = ?", .id(id), as: Self.record)
  }

  func insert(_ record: RestaurantRecord) throws {
    try transaction.run(
      """
      INSERT INTO catalog_restaurants (id, tenant_id, version, name_key, latitude, longitude, is_active, details, created_at, updated_at,
        waiting_since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, .id(record.id), .id(record.tenantID), .integer(record.version), .text(record.details.name.lowercased()),
      .real(record.details.point.latitude), .real(record.details.point.longitude), .boolean(record.isActive), .json(record.details),
      .instant(record.createdAt), .instant(record.updatedAt), .instant(record.approval.waitingSince))
    try putCuisines(of: record)
    try SearchStore(transaction).put(record)
  }

  /// Writes the record over the version before it; answers false when another change came first.
  func update(_ record: RestaurantRecord) throws -> Bool {
    let changed: Int = try transaction.run(
      """
      UPDATE catalog_restaurants SET version = ?, name_key = ?, latitude = ?, longitude = ?, is_active = ?, details = ?, updated_at = ?,
        waiting_since = ?, approved_at = ?, approval_note = ? WHERE id = ? AND version = ?
      """, .integer(record.version), .text(record.details.name.lowercased()), .real(record.details.point.latitude),
      .real(record.details.point.longitude), .boolean(record.isActive), .json(record.details), .instant(record.updatedAt),
      .instant(record.approval.waitingSince), .instant(record.approval.approvedAt), .optional(record.approval.note), .id(record.id),
      .integer(record.version - 1))
    guard changed > 0 else { return false }
    try transaction.run("DELETE FROM catalog_cuisines WHERE restaurant_id = ?", .id(record.id))
    try putCuisines(of: record)
    try SearchStore(transaction).put(record)
    return true
  }

  /// Counts a guest's stars; answers the restaurant with them, if there is one.
  func rate(_ id: RestaurantID, stars: Int) throws -> RestaurantRecord? {
    try transaction.run(
      "UPDATE catalog_restaurants SET rating_sum = rating_sum + ?, rating_count = rating_count + 1 WHERE id = ?", .integer(stars), .id(id))
    return try find(id)
  }

  private func putCuisines(of record: RestaurantRecord) throws {
    guard !record.details.cuisineTypes.isEmpty else { return }
    let marks = record.details.cuisineTypes.map { _ in "(?, ?)" }.joined(separator: ", ")
    let arguments = record.details.cuisineTypes.flatMap { [SQLValue.id(record.id), .text($0)] }
    try transaction.run("INSERT INTO catalog_cuisines (restaurant_id, cuisine) VALUES \(marks)", arguments)
  }

  /// Restaurants by name, after the one that the cursor names.
  func byName(
    tenant: TenantID?, listedOnly: Bool, cuisine: String? = nil, search: SearchWords? = nil, after cursor: RestaurantID?, limit: Int
  ) throws -> [RestaurantRecord] {
    var conditions = ["1 = 1"]
    var arguments: [SQLValue] = []
    if let tenant {
      conditions.append("r.tenant_id = ?")
      arguments.append(.id(tenant))
    }
    if listedOnly { conditions.append(Self.isListed) }
    if let cuisine {
      conditions.append(Self.servesCuisine)
      arguments.append(.text(cuisine))
    }
    if let search = search?.condition {
      conditions.append(search.sql)
      arguments += search.arguments
    }
    if let cursor {
      conditions.append("(r.name_key, r.id) > (SELECT c.name_key, c.id FROM catalog_restaurants c WHERE c.id = ?)")
      arguments.append(.id(cursor))
    }
    return try transaction.all(
      """
      SELECT \(Self.columns) FROM catalog_restaurants r WHERE \(conditions.joined(separator: " AND "))
      ORDER BY r.name_key, r.id LIMIT ?
      """, arguments + [.integer(limit)], as: Self.record)
  }

  /// The restaurants that wait for their approval, each with its tenant's name, in the order of their making.
  func waiting(after cursor: RestaurantID?, limit: Int) throws -> [(record: RestaurantRecord, tenantName: String)] {
    try transaction.all(
      """
      SELECT \(Self.columns), t.name FROM catalog_restaurants r JOIN catalog_tenants t ON t.id = r.tenant_id
      WHERE r.waiting_since IS NOT NULL AND r.id > ? ORDER BY r.id LIMIT ?
      """, .text(cursor?.description ?? ""), .integer(limit)
    ) { (try Self.record($0), $0.text(12)) }
  }

  /// The listed restaurants within a box, those nearest to its middle first by a flat measure.
  func within(_ box: SearchBox, cuisine: String?, search: SearchWords?, limit: Int) throws -> [RestaurantRecord] {
    var conditions = [Self.isListed, "r.latitude BETWEEN ? AND ?"]
    var arguments: [SQLValue] = [.real(box.south), .real(box.north)]
    switch box.longitudes {
    case .all: break
    case .between(let west, let east):
      conditions.append("r.longitude BETWEEN ? AND ?")
      arguments += [.real(west), .real(east)]
    case .outside(let east, let west):
      conditions.append("(r.longitude >= ? OR r.longitude <= ?)")
      arguments += [.real(west), .real(east)]
    }
    if let cuisine {
      conditions.append(Self.servesCuisine)
      arguments.append(.text(cuisine))
    }
    if let search = search?.condition {
      conditions.append(search.sql)
      arguments += search.arguments
    }
    let (latitude, longitude) = (SQLValue.real(box.middle.latitude), SQLValue.real(box.middle.longitude))
    return try transaction.all(
      """
      SELECT \(Self.columns) FROM catalog_restaurants r WHERE \(conditions.joined(separator: " AND "))
      ORDER BY (r.latitude - ?) * (r.latitude - ?) + (r.longitude - ?) * (r.longitude - ?) * ?, r.id LIMIT ?
      """,
      arguments + [latitude, latitude, longitude, longitude, .real(box.longitudeWeight), .integer(limit)], as: Self.record)
  }

  private static let isListed = "r.is_active = 1 AND r.waiting_since IS NULL"
  private static let servesCuisine = "EXISTS (SELECT 1 FROM catalog_cuisines k WHERE k.cuisine = ? AND k.restaurant_id = r.id)"
}
