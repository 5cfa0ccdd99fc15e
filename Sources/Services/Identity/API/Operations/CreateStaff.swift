public import Kernel
public import ServiceKit
public import Wire

/// Opens an account for a member of staff; its first password has to be replaced at the first sign-in.
@Wire public struct CreateStaff: Operation {
  public static let address = OperationAddress("identity", "createStaff")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.once
  public typealias Reply = NewStaffMember
  public typealias Refusal = StaffRefusal

  public var tenantId: TenantID
  /// Letters, digits, `.`, `-` and `_`; of either case the same.
  @Field(.length(3...64)) public var username: String
  public var role: StaffRole
  /// The first password; one is made up without it.
  @Field(.length(8...72)) public var password: String?
  @Field(.length(0...100)) public var firstName: String?
  @Field(.length(0...100)) public var lastName: String?
  @Field(.length(3...254)) public var email: String?

  public var namedTenant: TenantID? { tenantId }
}

/// A member of staff with the password to hand over; it is not shown again.
@Wire public struct NewStaffMember: Hashable, Sendable {
  public var member: StaffMember
  public var firstPassword: String
}
