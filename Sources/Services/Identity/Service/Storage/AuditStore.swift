import IdentityAPI
import Kernel
import Persistence
import ServiceKit

/// The record of what was done to accounts and by whom: rows are added and read, never changed.
struct AuditStore: Sendable {
  private static let columns = "id, at, action, actor_id, subject_id, tenant_id, address, agent, before_value, after_value"

  func insert(_ entry: AuditEntry, in transaction: any Transaction) throws {
    try transaction.run(
      "INSERT INTO identity_audit (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      .id(entry.id), .instant(entry.at), .word(entry.action), .id(entry.actorId), .id(entry.subjectId), .id(entry.tenantId),
      .optional(entry.address), .optional(entry.agent), .optional(entry.before), .optional(entry.after))
  }

  /// The entries that fit, the newest first, after one.
  func list(_ filter: AuditFilter, after: AuditID?, limit: Int, in transaction: any Transaction) throws -> [AuditEntry] {
    var conditions: [String] = []
    var arguments: [SQLValue] = []
    func add(_ condition: String, _ value: SQLValue?) {
      guard let value else { return }
      conditions.append(condition)
      arguments.append(value)
    }
    add("tenant_id = ?", filter.tenantId.map { .id($0) })
    add("subject_id = ?", filter.subjectId.map { .id($0) })
    add("actor_id = ?", filter.actorId.map { .id($0) })
    add("action = ?", filter.action.map { .word($0) })
    add("at >= ?", filter.from.map { .instant($0) })
    add("at < ?", filter.to.map { .instant($0) })
    add("id < ?", after.map { .id($0) })
    let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    return try transaction.all(
      "SELECT \(Self.columns) FROM identity_audit \(condition) ORDER BY id DESC LIMIT ?", arguments + [.integer(limit)]
    ) { row in
      AuditEntry(
        id: try row.id(0), at: row.instant(1), action: try row.word(2), actorId: try row.optionalID(3), subjectId: try row.optionalID(4),
        tenantId: try row.optionalID(5), address: row.optionalText(6), agent: row.optionalText(7), before: row.optionalText(8),
        after: row.optionalText(9))
    }
  }
}
