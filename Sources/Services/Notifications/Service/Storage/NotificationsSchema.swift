import Persistence

/// The table of Notifications.
enum NotificationsSchema {
  static let migrations = [
    Migration(
      "notifications-1-entries",
      """
      CREATE TABLE notifications_entries (
        id TEXT PRIMARY KEY, audience TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, urgency TEXT NOT NULL,
        order_id TEXT NOT NULL, created_at BIGINT NOT NULL, read_at BIGINT) {clustered}
      """,
      "CREATE INDEX notifications_of_audience ON notifications_entries (audience, id)")
  ]
}
