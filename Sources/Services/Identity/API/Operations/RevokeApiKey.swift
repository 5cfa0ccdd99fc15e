public import Kernel
public import ServiceKit
public import Wire

/// Ends a machine's key; its next request is refused.
@Wire public struct RevokeApiKey: Operation {
  public static let address = OperationAddress("identity", "revokeApiKey")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = ApiKey
  public typealias Refusal = ApiKeyRefusal

  public var tenantId: TenantID
  public var keyId: ApiKeyID

  public var namedTenant: TenantID? { tenantId }
}
