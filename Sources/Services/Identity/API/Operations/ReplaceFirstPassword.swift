public import Kernel
public import ServiceKit
public import Wire

/// Replaces the password that a manager gave, and signs in.
@Wire public struct ReplaceFirstPassword: Operation {
  public static let address = OperationAddress("identity", "replaceFirstPassword")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.once
  public typealias Reply = SignedIn
  public typealias Refusal = LogInRefusal

  public var tenantId: TenantID
  @Field(.length(1...64)) public var username: String
  @Field(.length(1...1000)) public var password: String
  /// At least 8 characters, at most 72 bytes, and another than the first.
  @Field(.length(8...72)) public var newPassword: String
  @Field(.length(6...20)) public var code: String?

  public var namedTenant: TenantID? { tenantId }
}
