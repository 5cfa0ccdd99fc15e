public import Kernel
public import ServiceKit
public import Wire

/// The keys of a tenant, the newest first, those that have ended among them.
@Wire public struct ListApiKeys: Operation {
  public static let address = OperationAddress("identity", "listApiKeys")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<ApiKey>

  public var tenantId: TenantID
  public var cursor: String?
  @Field(.within(1...100)) public var limit: Int = 50

  public var namedTenant: TenantID? { tenantId }
}
