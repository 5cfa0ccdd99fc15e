public import Kernel
public import ServiceKit
public import Wire

/// Gives a member of staff a new first password and takes their second factor away; their sessions end.
@Wire public struct ResetStaffPassword: Operation {
  public static let address = OperationAddress("identity", "resetStaffPassword")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.once
  public typealias Reply = NewStaffMember
  public typealias Refusal = StaffRefusal

  public var tenantId: TenantID
  public var userId: UserID
  /// One is made up without it.
  @Field(.length(8...72)) public var password: String?

  public var namedTenant: TenantID? { tenantId }
}
