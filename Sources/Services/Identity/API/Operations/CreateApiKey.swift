public import Kernel
public import ServiceKit
public import Wire

/// Makes a key with which a machine acts for a tenant.
@Wire public struct CreateApiKey: Operation {
  public static let address = OperationAddress("identity", "createApiKey")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.once
  public typealias Reply = NewApiKey
  public typealias Refusal = ApiKeyRefusal

  public var tenantId: TenantID
  /// What the machine is, for people.
  @Field(.length(1...100)) public var name: String
  public var role: StaffRole = StaffRole.waiter
  @Field(.count(1...10)) public var scopes: [ApiScope]
  /// From when on it is worth nothing; never without it.
  public var expiresAt: Instant?

  public var namedTenant: TenantID? { tenantId }
}
