public import Kernel
public import OrderingAPI
public import ServiceKit
public import Wire

/// Where all partners are and what is on the road, for the live page; at most a second old.
@Wire public struct GetCity: Operation {
  public static let address = OperationAddress("delivery", "getCity")
  /// Whether visitors may see it is the setting `gateway.publicCity`; administrators always may.
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = Encoded<City>
}

/// A look at the whole city.
@Wire public struct City: Hashable, Sendable {
  public var at: Instant
  public var available: Int
  public var offered: Int
  public var busy: Int
  /// Deliveries that wait for a partner.
  public var waiting: Int
  public var unassigned: Int
  public var running: Int
  /// At most 2000.
  public var partners: [CityPartner]
  /// Waiting and running ones, at most 2000.
  public var deliveries: [CityDelivery]
}

/// A partner on the map; nothing tells who it is.
@Wire public struct CityPartner: Hashable, Sendable {
  public var latitude: Double
  public var longitude: Double
  public var status: PartnerStatus
  public var vehicleType: VehicleType
}

/// A delivery on the map.
@Wire public struct CityDelivery: Hashable, Sendable {
  public var orderId: OrderID
  public var status: DeliveryStatus
  public var restaurant: GeoPoint
  public var customer: GeoPoint
}
