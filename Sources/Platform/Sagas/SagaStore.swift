import Kernel
import Persistence
import Wire

/// The rows of the sagas under way; a saga that ended has none.
struct SagaStore: Sendable {
  enum Direction: String { case forward, back }

  struct Entry: Sendable {
    var id: String
    var step: Int
    var direction: Direction
    var state: [UInt8]
    var attempts: Int
    var lastError: String?
  }

  let table: String

  init(service: String) { table = "\(service)_saga" }

  static func migrations(for service: String) -> [Migration] {
    [
      Migration(
        "\(service)-saga-1",
        """
        CREATE TABLE \(service)_saga (name TEXT NOT NULL, id TEXT NOT NULL, step BIGINT NOT NULL, direction TEXT NOT NULL, state TEXT NOT NULL,
          attempts BIGINT NOT NULL, due_at BIGINT NOT NULL, last_error TEXT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
          PRIMARY KEY (name, id))
        """)
    ]
  }

  /// Adds a row; false when the saga is under way already.
  func add(_ name: String, _ id: String, _ state: [UInt8], step: Int, at now: Instant, in transaction: any Transaction) throws -> Bool {
    try transaction.run(
      """
      INSERT INTO \(table) (name, id, step, direction, state, attempts, due_at, created_at, updated_at) VALUES (?, ?, ?, 'forward', ?, 0, ?, ?, ?)
      ON CONFLICT (name, id) DO NOTHING
      """, .text(name), .text(id), .integer(step), .text(String(decoding: state, as: UTF8.self)), .instant(now), .instant(now), .instant(now)) == 1
  }

  func find(_ name: String, _ id: String, in transaction: any Transaction) throws -> Entry? {
    try transaction.first(
      "SELECT id, step, direction, state, attempts, last_error FROM \(table) WHERE name = ? AND id = ?", .text(name), .text(id), as: Self.entry)
  }

  /// Those that are due, the longest waiting first.
  func due(_ name: String, at now: Instant, limit: Int, in transaction: any Transaction) throws -> [Entry] {
    try transaction.all(
      "SELECT id, step, direction, state, attempts, last_error FROM \(table) WHERE name = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?",
      .text(name), .instant(now), .integer(limit), as: Self.entry)
  }

  func save(_ name: String, _ entry: Entry, due: Instant, at now: Instant, in transaction: any Transaction) throws {
    try transaction.run(
      """
      UPDATE \(table) SET step = ?, direction = ?, state = ?, attempts = ?, due_at = ?, last_error = ?, updated_at = ?
      WHERE name = ? AND id = ?
      """, .integer(entry.step), .word(entry.direction), .text(String(decoding: entry.state, as: UTF8.self)), .integer(entry.attempts),
      .instant(due), .optional(entry.lastError), .instant(now), .text(name), .text(entry.id))
  }

  func remove(_ name: String, _ id: String, in transaction: any Transaction) throws {
    try transaction.run("DELETE FROM \(table) WHERE name = ? AND id = ?", .text(name), .text(id))
  }

  private static func entry(_ row: any Row) throws -> Entry {
    Entry(
      id: row.text(0), step: row.integer(1), direction: try row.word(2), state: row.bytes(3), attempts: row.integer(4),
      lastError: row.optionalText(5))
  }
}

extension SagaStore.Direction: Sendable {}
