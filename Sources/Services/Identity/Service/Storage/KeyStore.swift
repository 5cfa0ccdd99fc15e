import Kernel
import Persistence

/// The rows of the keys that sign access tokens.
struct KeyStore: Sendable {
  struct Key: Sendable {
    var generation: Int
    var name: String
    var pem: String
    var createdAt: Instant
  }

  /// The newest keys, the oldest of them first.
  func newest(_ count: Int, in transaction: any Transaction) throws -> [Key] {
    try transaction.all(
      "SELECT generation, name, pem, created_at FROM identity_keys ORDER BY generation DESC LIMIT ?", .integer(count)
    ) { Key(generation: $0.integer(0), name: $0.text(1), pem: $0.text(2), createdAt: $0.instant(3)) }.reversed()
  }

  /// Adds a key unless another node added its generation first.
  func insert(_ key: Key, in transaction: any Transaction) throws {
    try transaction.run(
      "INSERT INTO identity_keys (generation, name, pem, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (generation) DO NOTHING",
      .integer(key.generation), .text(key.name), .text(key.pem), .instant(key.createdAt))
  }

  func delete(olderThan generation: Int, in transaction: any Transaction) throws {
    try transaction.run("DELETE FROM identity_keys WHERE generation < ?", .integer(generation))
  }
}
