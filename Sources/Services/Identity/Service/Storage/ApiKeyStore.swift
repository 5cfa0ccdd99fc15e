import IdentityAPI
import Kernel
import Persistence
import ServiceKit
import Tokens
import Wire

/// The rows of machines' keys; of the words that prove them, only the digests.
struct ApiKeyStore: Sendable {
  private static let columns =
    "id, tenant_id, name, prefix, role, scopes, created_by, created_at, expires_at, revoked_at, used_at"

  func insert(_ key: ApiKey, _ digest: TokenDigest, in transaction: any Transaction) throws {
    try transaction.run(
      "INSERT INTO identity_api_keys (\(Self.columns), digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?)",
      .id(key.id), .id(key.tenantId), .text(key.name), .text(key.prefix), .word(key.role),
      .text(key.scopes.map(\.rawValue).joined(separator: " ")), .id(key.createdBy), .instant(key.createdAt), .instant(key.expiresAt),
      .text(digest.description))
  }

  func find(_ digest: TokenDigest, in transaction: any Transaction) throws -> ApiKey? {
    try transaction.first("SELECT \(Self.columns) FROM identity_api_keys WHERE digest = ?", .text(digest.description), as: Self.key)
  }

  func find(_ id: ApiKeyID, of tenant: TenantID, in transaction: any Transaction) throws -> ApiKey? {
    try transaction.first("SELECT \(Self.columns) FROM identity_api_keys WHERE id = ? AND tenant_id = ?", .id(id), .id(tenant), as: Self.key)
  }

  /// Whether a session stands for a key that is still good.
  func isLive(_ session: SessionID, at now: Instant, in transaction: any Transaction) throws -> Bool {
    try transaction.first(
      "SELECT 1 FROM identity_api_keys WHERE id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)", .id(session), .instant(now)
    ) { _ in true } ?? false
  }

  func list(of tenant: TenantID, after: ApiKeyID?, limit: Int, in transaction: any Transaction) throws -> [ApiKey] {
    try transaction.all(
      "SELECT \(Self.columns) FROM identity_api_keys WHERE tenant_id = ? AND id < ? ORDER BY id DESC LIMIT ?", .id(tenant),
      .text(after?.description ?? "g"), .integer(limit), as: Self.key)
  }

  func countLive(of tenant: TenantID, in transaction: any Transaction) throws -> Int {
    try transaction.first("SELECT COUNT(*) FROM identity_api_keys WHERE tenant_id = ? AND revoked_at IS NULL", .id(tenant)) { $0.integer(0) } ?? 0
  }

  /// Ends a key; false when it had ended before.
  func revoke(_ id: ApiKeyID, at now: Instant, in transaction: any Transaction) throws -> Bool {
    let count: Int = try transaction.run("UPDATE identity_api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", .instant(now), .id(id))
    return count == 1
  }

  func noteUse(_ ids: [SessionID], at now: Instant, in transaction: any Transaction) throws {
    guard !ids.isEmpty else { return }
    try transaction.run(
      "UPDATE identity_api_keys SET used_at = ? WHERE id IN (\(transaction.marks(ids.count)))", [.instant(now)] + ids.map { .id($0) })
  }

  private static func key(_ row: any Row) throws -> ApiKey {
    ApiKey(
      id: try row.id(0), tenantId: try row.id(1), name: row.text(2), prefix: row.text(3), role: try row.word(4),
      scopes: row.text(5).split(separator: " ").compactMap { ApiScope(rawValue: String($0)) }, createdBy: try row.optionalID(6),
      createdAt: row.instant(7), expiresAt: row.optionalInstant(8), revokedAt: row.optionalInstant(9), lastUsedAt: row.optionalInstant(10))
  }
}
