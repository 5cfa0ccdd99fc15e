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
    /// The process that runs it, or ran it last; it alone writes it.
    var owner: String?
  }

  let table: String
  /// This process.
  let instance: String
  private let adding: String
  private let removing: String

  init(service: String, instance: String) {
    table = "\(service)_saga"
    self.instance = instance
    adding = """
      INSERT INTO \(table) (name, id, step, direction, state, attempts, due_at, created_at, updated_at, owner)
      VALUES (?, ?, ?, 'forward', ?, 0, ?, ?, ?, ?)
      ON CONFLICT (name, id) DO NOTHING
      """
    removing = "DELETE FROM \(table) WHERE name = ? AND id = ? AND owner = ?"
  }

  static func migrations(for service: String) -> [Migration] {
    [
      Migration(
        "\(service)-saga-1",
        """
        CREATE TABLE \(service)_saga (name TEXT NOT NULL, id TEXT NOT NULL, step BIGINT NOT NULL, direction TEXT NOT NULL, state TEXT NOT NULL,
          attempts BIGINT NOT NULL, due_at BIGINT NOT NULL, last_error TEXT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
          PRIMARY KEY (name, id)) {clustered}
        """),
      Migration("\(service)-saga-2", "ALTER TABLE \(service)_saga ADD COLUMN owner TEXT")
    ]
  }

  /// Adds a row; false when the saga is under way already.
  func add(_ name: String, _ id: String, _ state: [UInt8], step: Int, at now: Instant, in transaction: any Transaction) throws -> Bool {
    try transaction.run(
      adding, expecting: 1, .text(name), .text(id), .integer(step), .text(String(decoding: state, as: UTF8.self)), .instant(now), .instant(now),
      .instant(now),
      .text(instance)) == 1
  }

  /// Takes a saga over from the process that it was found with; false when somebody else was faster.
  func claim(_ name: String, _ id: String, from owner: String?, in transaction: any Transaction) throws -> Bool {
    try transaction.run(
      "UPDATE \(table) SET owner = ? WHERE name = ? AND id = ? AND COALESCE(owner, '') = ?", .text(instance), .text(name), .text(id),
      .text(owner ?? "")) == 1
  }

  /// The processes that sagas which are due were last with.
  func owners(_ name: String, at now: Instant, in transaction: any Transaction) throws -> [String] {
    try transaction.all(
      "SELECT DISTINCT owner FROM \(table) WHERE name = ? AND due_at <= ? AND owner IS NOT NULL ORDER BY owner", .text(name), .instant(now)
    ) { $0.text(0) }
  }

  func find(_ name: String, _ id: String, in transaction: any Transaction) throws -> Entry? {
    try transaction.first(
      "SELECT id, step, direction, state, attempts, last_error, owner FROM \(table) WHERE name = ? AND id = ?", .text(name), .text(id), as: Self.entry
    )
  }

  /// Those that are due and not with one of the processes named, the longest waiting first.
  func due(_ name: String, at now: Instant, notWith owners: [String], limit: Int, in transaction: any Transaction) throws -> [Entry] {
    let others = owners.isEmpty ? "" : "AND COALESCE(owner, '') NOT IN (\(transaction.marks(owners.count)))"
    return try transaction.all(
      """
      SELECT id, step, direction, state, attempts, last_error, owner FROM \(table) WHERE name = ? AND due_at <= ? \(others)
      ORDER BY due_at, id LIMIT ?
      """, [.text(name), .instant(now)] + owners.map { .text($0) } + [.integer(limit)], as: Self.entry)
  }

  /// - Throws: `SagaTakenOver` when another process has it by now.
  func save(_ name: String, _ entry: Entry, due: Instant, at now: Instant, in transaction: any Transaction) throws {
    let count = try transaction.run(
      """
      UPDATE \(table) SET step = ?, direction = ?, state = ?, attempts = ?, due_at = ?, last_error = ?, updated_at = ?
      WHERE name = ? AND id = ? AND owner = ?
      """, expecting: 1, .integer(entry.step), .word(entry.direction), .text(String(decoding: entry.state, as: UTF8.self)), .integer(entry.attempts),
      .instant(due), .optional(entry.lastError), .instant(now), .text(name), .text(entry.id), .text(instance))
    if count != 1 { throw SagaTakenOver() }
  }

  /// - Throws: `SagaTakenOver` when another process has it by now, or has ended it.
  func remove(_ name: String, _ id: String, in transaction: any Transaction) throws {
    let count = try transaction.run(removing, expecting: 1, .text(name), .text(id), .text(instance))
    if count != 1 { throw SagaTakenOver() }
  }

  private static func entry(_ row: any Row) throws -> Entry {
    Entry(
      id: row.text(0), step: row.integer(1), direction: try row.word(2), state: row.bytes(3), attempts: row.integer(4),
      lastError: row.optionalText(5), owner: row.optionalText(6))
  }
}

/// Another process, believing this one dead, goes on with the saga: what this one would have written is not written.
struct SagaTakenOver: Error, CustomStringConvertible {
  var description: String { "another process goes on with the saga" }
}

extension SagaStore.Direction: Sendable {}
