public import CatalogAPI
public import Kernel
public import OrderingAPI
public import ServiceKit
public import Wire

public enum DeliveryEntity {}
public enum OfferEntity {}
public typealias DeliveryID = Identifier<DeliveryEntity>
public typealias OfferID = Identifier<OfferEntity>

/// Where a delivery stands.
public enum DeliveryStatus: String, WireEnum, Hashable {
  case searching, offered, assigned
  case arrivedAtRestaurant = "arrived_at_restaurant"
  case pickedUp = "picked_up"
  case arrivedAtCustomer = "arrived_at_customer"
  case delivered
  /// On the manual list: nobody took it.
  case unassigned
  case failed, cancelled

  /// While one of these holds, a partner works on it.
  public static let running: Set<DeliveryStatus> = [.assigned, .arrivedAtRestaurant, .pickedUp, .arrivedAtCustomer]
  /// From these it never moves again by itself.
  public static let ended: Set<DeliveryStatus> = [.delivered, .failed, .cancelled]
}

/// What a delivery partner is doing.
public enum PartnerStatus: String, WireEnum, Hashable { case offline, available, offered, busy }

/// What a delivery partner moves with.
public enum VehicleType: String, CaseIterable, Hashable, Sendable { case foot, bicycle, scooter, motorcycle, car }

extension VehicleType: WireEnum {
  /// Reads the everyday names too (`bike`, `van`, upper case); only the names above are ever written.
  public static func read(_ reader: inout JSONReader) -> VehicleType? {
    guard let text = reader.text() else { return nil }
    return VehicleType(accepting: text) ?? reader.reject("must be one of \(allCases.map(\.rawValue).joined(separator: ", "))")
  }

  public init?(accepting text: String) {
    switch text.lowercased() {
    case "bike", "cycle", "e_bike", "ebike": self = .bicycle
    case "walking", "walk", "walker", "pedestrian", "on_foot": self = .foot
    case "motorbike", "moto": self = .motorcycle
    case "moped", "e_scooter": self = .scooter
    case "van", "truck", "auto": self = .car
    case let name: self.init(rawValue: name)
    }
  }
}

/// A delivery partner as they see themselves.
@Wire public struct Partner: Hashable, Sendable, Versioned {
  public var id: UserID
  public var name: String
  public var vehicleType: VehicleType
  public var status: PartnerStatus
  /// Whether the partner wants offers: an `offline` one with this set comes back with the next position.
  public var isOnline: Bool
  /// Of 1 to 5 stars; absent while nobody rated.
  public var rating: Double?
  /// Accepted of all offers that ended; absent before the first.
  public var acceptanceRate: Double?
  /// Brought to the door of all deliveries taken that ended; absent before the first.
  public var completionRate: Double?
  public var totalDeliveries: Int
  public var version: Int
  public var createdAt: Instant
}

/// A place and when the device was there.
@Wire public struct Position: Hashable, Sendable {
  /// Degrees north.
  @Field(.between(-90...90)) public var latitude: Double
  /// Degrees east.
  @Field(.between(-180...180)) public var longitude: Double
  /// By the device; absent: now.
  public var recordedAt: Instant?
}

/// A position as others see it, with how old it is.
@Wire public struct SeenPosition: Hashable, Sendable {
  public var latitude: Double
  public var longitude: Double
  public var recordedAt: Instant
  public var ageSeconds: Int
}

/// Between which times something is expected.
@Wire public struct ExpectedTimes: Hashable, Sendable {
  public var earliest: Instant
  public var latest: Instant
}

/// One step of an order or a delivery, and when it was made.
@Wire public struct StepTime: Hashable, Sendable {
  public var status: String
  public var at: Instant
}

/// A delivery as staff and its partner see it.
@Wire public struct Delivery: Hashable, Sendable, Versioned {
  public var id: DeliveryID
  public var orderId: OrderID
  public var tenantId: TenantID
  public var restaurantId: RestaurantID
  public var restaurantName: String
  public var restaurantAddress: String
  public var restaurantPoint: GeoPoint
  /// Where it goes; hidden from the partner once the delivery ended.
  public var customerAddress: String?
  public var customerPoint: GeoPoint?
  public var customerInstructions: String?
  public var status: DeliveryStatus
  public var partnerId: UserID?
  /// From door to door.
  public var distanceMeters: Int
  public var currency: Currency
  /// What the partner earns, tip included.
  public var pay: Amount
  public var readyAt: Instant?
  public var createdAt: Instant
  /// The steps made so far.
  public var steps: [StepTime]
  public var reason: String?
  public var version: Int
}

/// An offer as the partner sees it; also the data of the frame `delivery_offer`.
@Wire public struct Offer: Hashable, Sendable {
  public var offerId: OfferID
  public var deliveryId: DeliveryID
  public var orderId: OrderID
  public var restaurantName: String
  public var restaurantAddress: String
  public var restaurantPoint: GeoPoint
  public var customerPoint: GeoPoint
  /// From door to door.
  public var distanceMeters: Int
  public var pay: Amount
  public var currency: Currency
  public var readyAt: Instant?
  public var expiresAt: Instant
}

/// The data of the frame `location_update` on `order:ID`.
///
/// Positions travel in frames only: as events in the outbox (`rider.location_update`) they would be thousands a minute that
/// nobody needs a second later.
@Wire public struct LocationUpdate: Hashable, Sendable {
  public var orderId: OrderID
  public var deliveryPartnerId: UserID
  public var latitude: Double
  public var longitude: Double
  public var recordedAt: Instant
  public var ageSeconds: Int
  public var eta: ExpectedTimes
}

/// The data of the frame `delivery_update` on `partner:ID` and `order:ID`.
@Wire public struct DeliveryUpdate: Hashable, Sendable {
  public var deliveryId: DeliveryID
  public var orderId: OrderID
  public var status: DeliveryStatus
  public var deliveryPartnerId: UserID?
  /// The offer that ended with this, if one did.
  public var offerId: OfferID?
  public var reason: String?
  public var timestamp: Instant
}
