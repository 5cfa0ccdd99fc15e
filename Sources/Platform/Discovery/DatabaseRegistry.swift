import Kernel
public import Persistence
public import ServiceKit
import Wire

/// A table in a database that all processes of the installation reach.
public struct DatabaseRegistry: Registry {
  private let database: any Database
  private let time: TimeSource

  /// - Parameter time: the machine's; the clocks of the machines must agree within a second or two.
  public init(_ database: any Database, time: TimeSource) {
    self.database = database
    self.time = time
  }

  /// Its table.
  public static let migrations = [
    Migration(
      "discovery-1", "CREATE TABLE discovery_instance (id TEXT PRIMARY KEY, instance TEXT NOT NULL, seen_at BIGINT NOT NULL)",
      "CREATE INDEX discovery_instance_seen ON discovery_instance (seen_at)")
  ]

  public func prepare() async throws { try await database.migrate(Self.migrations) }

  public func announce(_ instance: Instance) async throws {
    let now = time.now
    try await database.write { transaction in
      try transaction.run(
        """
        INSERT INTO discovery_instance (id, instance, seen_at) VALUES (?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET instance = excluded.instance, seen_at = excluded.seen_at
        """, .text(instance.id), .json(instance), .instant(now))
      // Those who died without a word; long after anyone believed them to be there.
      try transaction.run("DELETE FROM discovery_instance WHERE seen_at < ?", .instant(now - instanceLifetime * 20))
    }
  }

  public func withdraw(_ id: String) async throws {
    _ = try await database.write { try $0.run("DELETE FROM discovery_instance WHERE id = ?", .text(id)) }
  }

  public func instances() async throws -> [Instance] {
    let since = time.now - instanceLifetime
    return try await database.read { transaction in
      try transaction.all("SELECT instance FROM discovery_instance WHERE seen_at > ? ORDER BY id LIMIT 10000", .instant(since)) {
        try $0.json(0, as: Instance.self)
      }
    }
  }
}
