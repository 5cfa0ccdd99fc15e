public import Kernel
public import OrderingAPI
public import ServiceKit
public import Wire

/// Gives an order's delivery to a partner by hand, without an offer.
@Wire public struct AssignDelivery: Operation {
  public static let address = OperationAddress("delivery", "assignDelivery")
  public static let access = Access.roles(Role.staff.union(Role.administrators))
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = Delivery
  public typealias Refusal = AssignDeliveryRefusal

  public var orderId: OrderID
  public var partnerId: UserID
}

/// Why a delivery is not given to a partner by hand.
public enum AssignDeliveryRefusal: String, WireEnum, Refusal {
  case deliveryUnknown = "delivery_unknown"
  case partnerUnknown = "partner_unknown"
  /// The partner is offline, has an open offer, or has a running delivery.
  case partnerNotFree = "partner_not_free"
  /// It runs with another partner, or has ended.
  case notAssignable = "not_assignable"

  public var kind: RefusalKind {
    switch self {
    case .deliveryUnknown: .hidden
    case .partnerUnknown: .ruled
    case .partnerNotFree, .notAssignable: .conflict
    }
  }
  public var faults: [Fault] { self == .partnerUnknown ? [Fault(path: "partnerId", message: "is no delivery partner")] : [] }
}
