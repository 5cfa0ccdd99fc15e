public import Kernel
public import ServiceKit
public import Wire

public enum ApiKeyEntity {}
public typealias ApiKeyID = Identifier<ApiKeyEntity>

/// What a machine's key can be good for: to read, or also to change, what a service has.
public enum ApiScope: String, WireEnum, Hashable {
  case catalogRead = "catalog:read", catalogWrite = "catalog:write"
  case orderingRead = "ordering:read", orderingWrite = "ordering:write"
  case paymentsRead = "payments:read", paymentsWrite = "payments:write"
  case deliveryRead = "delivery:read", deliveryWrite = "delivery:write"
  case notificationsRead = "notifications:read", notificationsWrite = "notifications:write"
}

/// A machine's key, without the word that proves it.
@Wire public struct ApiKey: Hashable, Sendable {
  public var id: ApiKeyID
  public var tenantId: TenantID
  public var name: String
  /// The first letters of the key, to tell it from others.
  public var prefix: String
  /// What the machine acts as.
  public var role: StaffRole
  public var scopes: [ApiScope]
  public var createdBy: UserID?
  public var createdAt: Instant
  public var expiresAt: Instant?
  public var revokedAt: Instant?
  /// Within half a minute.
  public var lastUsedAt: Instant?
}

/// A new key with the word that proves it, which is not shown again.
@Wire public struct NewApiKey: Hashable, Sendable {
  public var apiKey: ApiKey
  /// To be sent as `Authorization: Bearer`.
  public var secret: String
}

/// Why a key is not made or ended.
public enum ApiKeyRefusal: String, WireEnum, Refusal {
  case keyUnknown = "api_key_unknown"
  /// A key can do no more than who makes it may give away.
  case aboveCaller = "role_above_caller"
  case tooMany = "too_many_api_keys"
  public var kind: RefusalKind {
    switch self {
    case .keyUnknown: .hidden
    case .aboveCaller: .forbidden
    case .tooMany: .ruled
    }
  }
}
