import Foundation
public import Persistence
import PersistencePostgres
import PersistenceSQLite

/// The database of one test: a SQLite file, or a schema on a PostgreSQL server when `TIFFIN_TEST_DATABASE=postgres`.
public final class TestDatabase: Database {
  /// The engine that this run of the tests is about.
  public static let engine: Engine = ProcessInfo.processInfo.environment["TIFFIN_TEST_DATABASE"] == "postgres" ? .postgres : .sqlite

  private let database: any Database
  private let closing: @Sendable () async -> Void

  /// Opens what is at the path, which on PostgreSQL merely names a schema; the same path is the same database again.
  public init(path: String) throws {
    switch Self.engine {
    case .sqlite:
      let file = try SQLiteDatabase(path: path, readers: 2)
      (database, closing) = (file, { await file.close() })
    case .postgres:
      let server = try PostgresDatabase(
        PostgresSettings(
          url: PostgresCluster.shared.get().url,
          schema: "t" + path.utf8.reduce("") { $0 + (Self.isPlain($1) ? String(UnicodeScalar($1)) : "_") }.suffix(50),
          writers: 2, readers: 2, wait: .seconds(60)))
      (database, closing) = (server, { await server.close() })
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte || 0x61...0x7A ~= byte }

  public var engine: Engine { database.engine }
  public var peers: any Peers { database.peers }

  public func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try await database.read(body)
  }

  public func readStale<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try await database.readStale(body)
  }

  public func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try await database.write(body)
  }

  public func writeAlone<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try await database.writeAlone(body)
  }

  /// Finishes what it has and disconnects; the rows stay for whoever opens the same path.
  public func close() async { await closing() }
}
