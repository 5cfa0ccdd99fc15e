public import Kernel
public import ServiceKit
public import Wire

/// Whether a caller may follow an order live: its customer, the staff of its tenant, its courier, an administrator.
@Wire public struct MayFollowOrder: Operation {
  public static let address = OperationAddress("ordering", "mayFollowOrder")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.safe
  public typealias Reply = FollowPermission

  public var orderId: OrderID
  public var caller: Caller
}

/// The answer, and whose order it is where it is yes.
@Wire public struct FollowPermission: Hashable, Sendable {
  public var mayFollow: Bool
  public var tenantId: TenantID?
  public var customerId: UserID?
  public var partnerId: UserID?
}
