public import Kernel
public import ServiceKit
public import Wire

/// The tenants of the installation, the newest first.
@Wire public struct ListTenants: Operation {
  public static let address = OperationAddress("catalog", "listTenants")
  public static let access = Access.roles(Role.administrators)
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<Tenant>

  public var cursor: TenantID?
  @Field(.within(1...100)) public var limit: Int = 50
}
