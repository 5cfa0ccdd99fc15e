public import Kernel
public import ServiceKit
public import Wire

/// Signs in a member of a tenant's staff.
@Wire public struct LogInStaff: Operation {
  public static let address = OperationAddress("identity", "logInStaff")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.once
  public typealias Reply = SignedIn
  public typealias Refusal = LogInRefusal

  public var tenantId: TenantID
  @Field(.length(1...64)) public var username: String
  @Field(.length(1...1000)) public var password: String
  /// Of the authenticator app, or a recovery code, where the account has a second factor.
  @Field(.length(6...20)) public var code: String?

  public var namedTenant: TenantID? { tenantId }
}
