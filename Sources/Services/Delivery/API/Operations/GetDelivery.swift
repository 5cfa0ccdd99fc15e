public import Kernel
public import ServiceKit
public import Wire

/// One delivery, for its partner, the tenant's staff and administrators.
@Wire public struct GetDelivery: Operation {
  public static let address = OperationAddress("delivery", "getDelivery")
  public static let access = Access.roles(Role.staff.union(Role.administrators).union([.deliveryPartner]))
  public static let repeatability = Repeatability.safe
  public typealias Reply = Delivery
  public typealias Refusal = GetDeliveryRefusal

  public var deliveryId: DeliveryID
}

/// Why a delivery is not shown.
public enum GetDeliveryRefusal: String, WireEnum, Refusal {
  case deliveryUnknown = "delivery_unknown"
  public var kind: RefusalKind { .hidden }
}
