public import Kernel
public import OrderingAPI
public import ServiceKit
public import Wire

/// What events tell of a delivery.
@Wire public struct DeliveryNotice: Hashable, Sendable {
  public var deliveryId: DeliveryID
  public var orderId: OrderID
  public var tenantId: TenantID
  public var customerId: UserID
  public var partnerId: UserID?
  public var status: DeliveryStatus
  public var reason: String?
}

/// A delivery partner has a delivery.
@Wire public struct RiderAssigned: Event {
  public static let name = "rider.assigned"
  public static let topic = Topic.delivery
  public var delivery: DeliveryNotice
  public var partnerName: String

  public var tenant: TenantID? { delivery.tenantId }
  public var aggregate: String { "delivery:\(delivery.deliveryId)" }
}

/// A delivery moved to another state; picked up and delivered move the order along.
@Wire public struct DeliveryStatusChanged: Event {
  public static let name = "delivery.status_changed"
  public static let topic = Topic.delivery
  public var delivery: DeliveryNotice

  public var tenant: TenantID? { delivery.tenantId }
  public var aggregate: String { "delivery:\(delivery.deliveryId)" }
}

/// A delivery was offered to a partner.
@Wire public struct DeliveryOffered: Event {
  public static let name = "delivery.offered"
  public static let topic = Topic.delivery
  public var delivery: DeliveryNotice
  public var offerId: OfferID
  public var expiresAt: Instant

  public var tenant: TenantID? { delivery.tenantId }
  public var aggregate: String { "delivery:\(delivery.deliveryId)" }
}

/// Nobody within the widest radius took the delivery; a person must assign it.
@Wire public struct DeliveryUnassigned: Event {
  public static let name = "delivery.unassigned"
  public static let topic = Topic.delivery
  public var delivery: DeliveryNotice

  public var tenant: TenantID? { delivery.tenantId }
  public var aggregate: String { "delivery:\(delivery.deliveryId)" }
}

/// A delivery partner went online, offline or busy.
@Wire public struct RiderStatusChanged: Event {
  public static let name = "rider.status_changed"
  public static let topic = Topic.delivery
  public var partnerId: UserID
  public var status: PartnerStatus

  public var tenant: TenantID? { nil }
  public var aggregate: String { "partner:\(partnerId)" }
}
