public import Kernel
public import ServiceKit
public import Wire

/// The customer's stars for how a delivery was brought, once.
@Wire public struct RateDelivery: Operation {
  public static let address = OperationAddress("delivery", "rateDelivery")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.idempotent
  public typealias Refusal = RateDeliveryRefusal

  public var deliveryId: DeliveryID
  @Field(.within(1...5)) public var stars: Int
}

/// Why a delivery is not rated.
public enum RateDeliveryRefusal: String, WireEnum, Refusal {
  case deliveryUnknown = "delivery_unknown"
  case notDelivered = "not_delivered"
  case alreadyRated = "already_rated"
  public var kind: RefusalKind { self == .deliveryUnknown ? .hidden : .conflict }
}
