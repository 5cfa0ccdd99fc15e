import Kernel
public import ServiceKit
public import Wire

/// Founds a tenant; the caller becomes its owner, and sees that in the next access token.
@Wire public struct CreateTenant: Operation {
  public static let address = OperationAddress("catalog", "createTenant")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.once
  public typealias Reply = Tenant
  public typealias Refusal = CatalogRefusal

  @Field(.length(1...120)) public var name: String
}
