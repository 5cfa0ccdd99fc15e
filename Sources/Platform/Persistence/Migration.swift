/// One step of a service's tables, applied once and in order.
///
/// The SQL is written once for both engines: `{serial}` is a primary key that counts by itself, `{bytes}` a column of bytes.
/// Types are `TEXT`, `BIGINT`, `DOUBLE PRECISION`; every table starts with its service's name.
public struct Migration: Sendable {
  /// Unique for all time, such as `ordering-1-orders`.
  public let name: String
  /// The statements, in order.
  public let statements: [String]

  public init(_ name: String, _ statements: String...) {
    self.name = name
    self.statements = statements
  }

  /// The statement as the engine wants it.
  public static func localized(_ statement: String, for engine: Engine) -> String {
    switch engine {
    case .sqlite: statement.replacing("{serial}", with: "INTEGER PRIMARY KEY AUTOINCREMENT").replacing("{bytes}", with: "BLOB")
    case .postgres:
      statement.replacing("{serial}", with: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY").replacing("{bytes}", with: "BYTEA")
    }
  }
}

extension Database {
  /// Applies the migrations that this database has not seen, all or none.
  ///
  /// - Throws: `SchemaTooNew` when the database has seen one of the same service that this program does not know.
  public func migrate(_ migrations: [Migration]) async throws {
    try await write { transaction in
      try transaction.run("CREATE TABLE IF NOT EXISTS tiffin_migrations (name TEXT PRIMARY KEY, position BIGINT NOT NULL)")
      let seen = try transaction.all("SELECT name FROM tiffin_migrations ORDER BY position") { $0.text(0) }
      let known = Set(migrations.map(\.name))
      let services = Set(migrations.map { $0.name.prefix { $0 != "-" } })
      if let stranger = seen.first(where: { !known.contains($0) && services.contains($0.prefix { $0 != "-" }) }) {
        throw SchemaTooNew(migration: stranger)
      }
      var position = seen.count
      let applied = Set(seen)
      for migration in migrations where !applied.contains(migration.name) {
        for statement in migration.statements { try transaction.run(Migration.localized(statement, for: transaction.engine)) }
        position += 1
        try transaction.run("INSERT INTO tiffin_migrations VALUES (?, ?)", .text(migration.name), .integer(position))
      }
    }
  }
}

/// The database was written by a newer program.
public struct SchemaTooNew: Error, CustomStringConvertible {
  public let migration: String
  public init(migration: String) { self.migration = migration }
  public var description: String { "the database has seen migration \(migration), which this program does not know: run the newer tiffin" }
}
