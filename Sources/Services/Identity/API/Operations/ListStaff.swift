public import Kernel
public import ServiceKit
public import Wire

/// The staff of a tenant, the oldest accounts first.
@Wire public struct ListStaff: Operation {
  public static let address = OperationAddress("identity", "listStaff")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<StaffMember>

  public var tenantId: TenantID
  public var cursor: String?
  @Field(.within(1...100)) public var limit: Int = 50

  public var namedTenant: TenantID? { tenantId }
}
