import IdentityAPI
import Kernel
import Messaging
import Persistence
import ServiceKit
import Tokens
import Wire

/// Answers `CreateApiKey`, `ListApiKeys` and `RevokeApiKey`.
struct ApiKeyHandlers: Sendable {
  let context: IdentityContext
  private let keys = ApiKeyStore()
  /// Keys of a tenant that are good at one time.
  private static let most = 100

  init(context: IdentityContext) { self.context = context }

  func answer(_ request: CreateApiKey) async throws -> NewApiKey {
    guard Caller.current.actsFor(request.tenantId) else { throw Denial.forbidden }
    guard StaffRules.mayManage(request.role, Caller.current) || Caller.current.has(request.role.role) else { throw ApiKeyRefusal.aboveCaller }
    let context = context
    let now = context.time.now
    if let end = request.expiresAt, end <= now { throw InvalidInput([Fault(path: "expiresAt", message: "must be in the future")]) }
    let secret = SessionAuthenticator.keyMark + OpaqueToken(from: context.ids).text
    var scopes: [ApiScope] = []
    for scope in request.scopes where !scopes.contains(scope) { scopes.append(scope) }
    let key = ApiKey(
      id: context.ids.next(), tenantId: request.tenantId, name: request.name, prefix: String(secret.prefix(8)), role: request.role, scopes: scopes,
      createdBy: Caller.current.user, createdAt: now, expiresAt: request.expiresAt)
    let entry = context.entry(
      .keyCreated, about: nil, of: request.tenantId, after: "\(key.id) \(key.role.rawValue) \(scopes.map(\.rawValue).joined(separator: " "))")
    try await context.database.write { [keys] transaction in
      guard try keys.countLive(of: request.tenantId, in: transaction) < Self.most else { throw ApiKeyRefusal.tooMany }
      try keys.insert(key, TokenDigest(of: secret), in: transaction)
      try context.audit.insert(entry, in: transaction)
    }
    return NewApiKey(apiKey: key, secret: secret)
  }

  func answer(_ request: ListApiKeys) async throws -> Page<ApiKey> {
    guard Caller.current.actsFor(request.tenantId) else { throw Denial.forbidden }
    let after = try request.cursor.map { try cursor($0, ApiKeyID.self) }
    let found = try await context.database.read { [keys] in
      try keys.list(of: request.tenantId, after: after, limit: request.limit + 1, in: $0)
    }
    return Page(found, upTo: request.limit, cursor: \.id.description)
  }

  func answer(_ request: RevokeApiKey) async throws -> ApiKey {
    guard Caller.current.actsFor(request.tenantId) else { throw Denial.forbidden }
    let context = context
    let now = context.time.now
    let entry = context.entry(.keyRevoked, about: nil, of: request.tenantId, before: request.keyId.description)
    // To whoever keeps sessions in mind, a key is one.
    let session = SessionID(high: request.keyId.high, low: request.keyId.low)
    let key = try await context.database.write { [keys] transaction -> ApiKey in
      guard try keys.find(request.keyId, of: request.tenantId, in: transaction) != nil else { throw ApiKeyRefusal.keyUnknown }
      if try keys.revoke(request.keyId, at: now, in: transaction) {
        try context.audit.insert(entry, in: transaction)
        try context.outbox.publish(
          SessionRevoked(sessionId: session, userId: UserID(high: session.high, low: session.low)), in: transaction)
      }
      guard let key = try keys.find(request.keyId, of: request.tenantId, in: transaction) else { throw ApiKeyRefusal.keyUnknown }
      return key
    }
    await context.authenticator.end(session)
    return key
  }
}
