import Kernel
import NotificationsAPI
import Persistence
import ServiceKit

/// Rows of `notifications_entries`.
struct NotificationStore {
  let transaction: any Transaction

  private static let columns = "id, audience, kind, title, body, urgency, order_id, created_at, read_at"
  private static let insertion = "INSERT INTO notifications_entries (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)"

  /// A notification's row, made ready outside of the transaction that adds it.
  static func row(_ notification: Notification, for audience: Audience) -> [SQLValue] {
    [
      .id(notification.id), .text(audience.channel), .text(notification.kind), .text(notification.title), .text(notification.text),
      .word(notification.urgency), .optional(notification.orderId), .instant(notification.createdAt)
    ]
  }

  func add(_ row: [SQLValue]) throws {
    try transaction.run(Self.insertion, row)
  }

  /// The newest first; of two audiences one list.
  func list(of audiences: [Audience], unread: Bool, after cursor: NotificationID?, limit: Int) throws -> [Notification] {
    guard !audiences.isEmpty else { return [] }
    // Each audience by its own index, merged here: an IN over both would sort all that both ever got.
    let found = try audiences.flatMap { audience in
      try transaction.all(
        """
        SELECT \(Self.columns) FROM notifications_entries WHERE audience = ?\(unread ? " AND read_at IS NULL" : "")\(cursor == nil ? "" : " AND id < ?")
        ORDER BY id DESC LIMIT ?
        """, [.text(audience.channel)] + (cursor.map { [.id($0)] } ?? []) + [.integer(limit)]
      ) { try Self.notification($0) }
    }
    return Array(found.sorted { ($0.id.high, $0.id.low) > ($1.id.high, $1.id.low) }.prefix(limit))
  }

  /// Marks as read, keeping the first time; `nil` when none of the audiences has it.
  func read(_ id: NotificationID, of audiences: [Audience], at now: Instant) throws -> Notification? {
    guard !audiences.isEmpty else { return nil }
    return try transaction.all(
      """
      UPDATE notifications_entries SET read_at = COALESCE(read_at, ?) WHERE id = ? AND audience IN (\(transaction.marks(audiences.count)))
      RETURNING \(Self.columns)
      """, [.instant(now), .id(id)] + audiences.map { .text($0.channel) }
    ) { try Self.notification($0) }.first
  }

  /// Forgets what is older than a moment, a bounded number at once; answers how many.
  func forget(before: Instant, limit: Int) throws -> Int {
    // Ids begin with their time (UUID version 7): the oldest are the first, which spares an index by age.
    let first = NotificationID(high: UInt64(max(0, before.milliseconds)) << 16, low: 0)
    return try transaction.run(
      "DELETE FROM notifications_entries WHERE id IN (SELECT id FROM notifications_entries WHERE id < ? ORDER BY id LIMIT ?)",
      .id(first), .integer(limit))
  }

  /// Forgets the oldest of those who have more than `keep`, a bounded number at once; answers how many.
  func forget(beyond keep: Int, limit: Int) throws -> Int {
    try transaction.run(
      """
      DELETE FROM notifications_entries WHERE id IN (
        SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY audience ORDER BY id DESC) AS place FROM notifications_entries) AS placed
        WHERE place > ? LIMIT ?)
      """, .integer(keep), .integer(limit))
  }

  /// Forgets all that an audience was told.
  func forget(all audience: Audience) throws {
    try transaction.run("DELETE FROM notifications_entries WHERE audience = ?", .text(audience.channel))
  }

  private static func notification(_ row: any Row) throws -> Notification {
    let audience = row.text(1)
    let tenant = audience.hasPrefix("tenant:") ? TenantID(String(audience.dropFirst("tenant:".count))) : nil
    let order = row.optionalText(6)
    return Notification(
      id: try row.id(0), kind: row.text(2), title: row.text(3), text: row.text(4), urgency: try row.word(5), about: order.map { "order:\($0)" },
      orderId: order, tenantId: tenant, createdAt: row.instant(7), readAt: row.optionalInstant(8))
  }
}
