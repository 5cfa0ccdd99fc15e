public import Kernel
public import ServiceKit
public import Wire

/// Founds a tenant with an id and an owner that are known before: for demo data and imports. Asking again changes nothing.
@Wire public struct FoundTenant: Operation {
  public static let address = OperationAddress("catalog", "foundTenant")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = Tenant
  public typealias Refusal = CatalogRefusal

  public var tenantId: TenantID
  @Field(.length(1...120)) public var name: String
  public var ownerId: UserID
}
