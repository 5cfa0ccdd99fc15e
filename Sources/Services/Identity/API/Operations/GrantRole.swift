public import Kernel
public import ServiceKit
public import Wire

/// Gives a person a role, within a tenant where the role belongs to one; giving it twice is giving it once.
@Wire public struct GrantRole: Operation {
  public static let address = OperationAddress("identity", "grantRole")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.idempotent
  public typealias Refusal = GrantRoleRefusal

  public var userId: UserID
  public var role: Role
  public var tenantId: TenantID?
}

/// Why a role cannot be given.
public enum GrantRoleRefusal: String, WireEnum, Refusal {
  case userUnknown = "user_unknown"
  /// The person is staff of another tenant.
  case otherTenant = "other_tenant"
  public var kind: RefusalKind { self == .userUnknown ? .hidden : .conflict }
}
