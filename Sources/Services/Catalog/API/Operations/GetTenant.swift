public import Kernel
public import ServiceKit
public import Wire

/// One tenant, for its staff and for administrators.
@Wire public struct GetTenant: Operation {
  public static let address = OperationAddress("catalog", "getTenant")
  public static let access = Access.roles(Role.staff.union(Role.administrators))
  public static let repeatability = Repeatability.safe
  public typealias Reply = Tenant
  public typealias Refusal = CatalogRefusal

  public var tenantId: TenantID

  public var namedTenant: TenantID? { tenantId }
}
