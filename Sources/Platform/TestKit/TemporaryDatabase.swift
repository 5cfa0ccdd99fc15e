import Foundation
public import Persistence
public import PersistencePostgres
public import PersistenceSQLite
import Synchronization

/// A database of its own that goes when the tests end.
///
///     let database = try await temporaryDatabase(OrderingModule.migrations + Outbox.migrations(for: "ordering"))
public func temporaryDatabase(_ migrations: [Migration] = []) async throws -> TestDatabase {
  let database = try TestDatabase(path: temporaryPath("database.sqlite"))
  if !migrations.isEmpty { try await database.migrate(migrations) }
  return database
}

/// A SQLite file, whatever the run of the tests is about: for what is particular to it.
public func temporaryFile(_ migrations: [Migration] = []) async throws -> SQLiteDatabase {
  let database = try SQLiteDatabase(path: temporaryPath("file.sqlite"), readers: 2)
  if !migrations.isEmpty { try await database.migrate(migrations) }
  return database
}

/// A path in a new folder that goes when the tests end.
public func temporaryPath(_ name: String) -> String { "\(TemporaryFolder.root)/\(TemporaryFolder.next())/\(name)" }

private enum TemporaryFolder {
  static let root: String = {
    let root = NSTemporaryDirectory() + "/tiffin-tests-\(ProcessInfo.processInfo.processIdentifier)"
    atexit { try? FileManager.default.removeItem(atPath: TemporaryFolder.root) }
    return root
  }()
  private static let count = Atomic(0)
  static func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// Waits until the condition holds; fails the test by throwing when it does not within the limit.
///
///     try await eventually { await database.count("orders") == 3 }
public func eventually(
  within limit: Duration = .seconds(60), _ what: String = "the condition", _ condition: @Sendable () async throws -> Bool
) async throws {
  let clock = ContinuousClock()
  let end = clock.now + limit
  while true {
    if try await condition() { return }
    if clock.now >= end { throw NeverHeld(what: what, within: limit) }
    try await Task.sleep(for: .milliseconds(2))
  }
}

/// A condition that did not come to hold.
public struct NeverHeld: Error, CustomStringConvertible {
  public let what: String
  public let within: Duration
  public var description: String { "\(what) did not hold within \(within)" }
}

/// A schema of its own on the tests' PostgreSQL server, whatever the run of the tests is about; the same name is the same schema,
/// as another process would see it.
///
/// - Parameter session: as what the server knows its sessions.
public func temporarySchema(
  _ name: String? = nil, session: String = "tiffin", writers: Int = 2, wait: Duration = .seconds(60)
) throws -> PostgresDatabase {
  try PostgresDatabase(
    PostgresSettings(
      url: PostgresCluster.shared.get().url + "?application_name=\(session)", schema: name ?? "own_\(TemporaryFolder.next())", writers: writers,
      readers: 2, wait: wait))
}

/// The name of a schema that no other test uses.
public func temporarySchemaName() -> String { "named_\(TemporaryFolder.next())" }
