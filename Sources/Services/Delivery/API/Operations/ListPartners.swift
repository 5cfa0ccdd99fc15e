public import Kernel
public import ServiceKit
public import Wire

/// The partners who could take a delivery now, the nearest to a point first: for giving it out by hand.
@Wire public struct ListPartners: Operation {
  public static let address = OperationAddress("delivery", "listPartners")
  public static let access = Access.roles(Role.staff.union(Role.administrators))
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<NearbyPartner>

  /// Degrees north.
  @Field(.between(-90...90)) public var latitude: Double
  /// Degrees east.
  @Field(.between(-180...180)) public var longitude: Double
  @Field(.within(1...100)) public var limit: Int = 20
}

/// A partner who is free, as those see them who give out deliveries.
@Wire public struct NearbyPartner: Hashable, Sendable {
  public var id: UserID
  public var name: String
  public var vehicleType: VehicleType
  public var status: PartnerStatus
  /// To the point asked about, along the great circle.
  public var distanceMeters: Int
  /// How old the position is.
  public var ageSeconds: Int
  /// To about eleven metres; for administrators only.
  public var point: GeoPoint?
  /// Of 1 to 5 stars; absent while nobody rated.
  public var rating: Double?
}
