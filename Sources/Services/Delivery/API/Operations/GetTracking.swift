public import CatalogAPI
public import Kernel
public import OrderingAPI
public import ServiceKit
public import Wire

/// Where an order is: for its customer, its courier, the tenant's staff and administrators.
@Wire public struct GetTracking: Operation {
  public static let address = OperationAddress("delivery", "getTracking")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.safe
  public typealias Reply = Tracking
  public typealias Refusal = GetTrackingRefusal

  public var orderId: OrderID
}

/// Why an order is not tracked.
public enum GetTrackingRefusal: String, WireEnum, Refusal {
  case orderUnknown = "order_unknown"
  public var kind: RefusalKind { .hidden }
}

/// An order on its way.
@Wire public struct Tracking: Hashable, Sendable {
  public var orderId: OrderID
  public var status: OrderStatus
  public var fulfilment: Fulfilment
  public var restaurantName: String
  public var restaurantPoint: GeoPoint
  public var customerPoint: GeoPoint?
  public var deliveryId: DeliveryID?
  public var deliveryStatus: DeliveryStatus?
  /// The order's and the delivery's steps, by time.
  public var steps: [StepTime]
  /// Who brings it, while the delivery runs.
  public var courier: Courier?
  public var readyAt: Instant?
  public var estimatedDeliveryTime: Instant?
  /// When it is expected at the door, while it is not there.
  public var eta: ExpectedTimes?
  /// To be told to the courier at the door; for the customer only.
  public var handOverCode: String?
  /// The stars that the customer gave the delivery; for the customer only.
  public var deliveryRating: Int?
  public var placedAt: Instant
}

/// Who brings an order.
@Wire public struct Courier: Hashable, Sendable {
  public var partnerId: UserID
  public var name: String
  public var vehicleType: VehicleType
  public var position: SeenPosition?
}
