public import Kernel
public import ServiceKit
public import Wire

/// Changes what a member of staff may do, or whether they may sign in at all; their sessions end with it.
@Wire public struct UpdateStaff: Operation {
  public static let address = OperationAddress("identity", "updateStaff")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = StaffMember
  public typealias Refusal = StaffRefusal

  public var tenantId: TenantID
  public var userId: UserID
  public var role: StaffRole?
  public var isDisabled: Bool?
  @Field(.length(0...100)) public var firstName: String?
  @Field(.length(0...100)) public var lastName: String?

  public var namedTenant: TenantID? { tenantId }
}
