public import Kernel
public import ServiceKit
public import Wire

/// An organisation that sells food.
@Wire public struct Tenant: Hashable, Sendable, Versioned {
  public var id: TenantID
  public var version: Int
  public var name: String
  public var createdAt: Instant
}

/// One place that sells food, with its state at this moment.
@Wire public struct Restaurant: Hashable, Sendable, Versioned {
  public var id: RestaurantID
  public var tenantId: TenantID
  public var version: Int
  public var name: String
  public var description: String?
  public var phone: String?
  /// 1 is cheap, 4 is dear.
  public var priceLevel: Int?
  public var imageUrl: String?
  public var cuisineTypes: [String]
  public var address: String
  public var point: GeoPoint
  /// IANA name.
  public var timeZone: String
  public var currency: Currency
  public var openingHours: OpeningHours
  public var closures: [ClosurePeriod]
  public var minimumOrder: Amount
  public var preparationMinutes: Int
  /// Takes no orders until then.
  public var pausedUntil: Instant?
  public var deliveryRadiusMeters: Int
  public var acceptsDelivery: Bool
  public var acceptsPickup: Bool
  public var acceptsDineIn: Bool
  public var taxRules: [TaxRule]
  /// Absent: as the platform is set.
  public var deliveryFee: DeliveryFeeRule?
  /// The mean of the guests' ratings, 1 to 5.
  public var rating: Double?
  public var ratingCount: Int
  public var isActive: Bool
  /// False while it waits for an administrator: it is in no list and takes no orders.
  public var isApproved: Bool = true
  /// When an administrator approved it; absent where nobody had to.
  public var approvedAt: Instant?
  /// Whether it takes orders at this moment.
  public var isOpen: Bool
  /// When it opens next, if it is closed and that is known.
  public var opensAt: Instant?
  /// When it closes next, if it is open and that is known.
  public var closesAt: Instant?
  public var createdAt: Instant
  public var updatedAt: Instant
}

/// A restaurant as a list shows it.
@Wire public struct RestaurantSummary: Hashable, Sendable {
  public var id: RestaurantID
  public var tenantId: TenantID
  public var version: Int
  public var name: String
  public var description: String?
  public var priceLevel: Int?
  public var imageUrl: String?
  public var cuisineTypes: [String]
  public var address: String
  public var point: GeoPoint
  public var timeZone: String
  public var currency: Currency
  public var minimumOrder: Amount
  public var preparationMinutes: Int
  public var deliveryRadiusMeters: Int
  public var acceptsDelivery: Bool
  public var acceptsPickup: Bool
  public var rating: Double?
  public var ratingCount: Int
  public var isActive: Bool
  /// False while it waits for an administrator.
  public var isApproved: Bool = true
  /// When an administrator approved it; absent where nobody had to.
  public var approvedAt: Instant?
  /// What an administrator has told its managers; for them and for administrators only.
  public var approvalNote: String?
  public var isOpen: Bool
  public var opensAt: Instant?
  public var closesAt: Instant?
  /// From the point asked about, along the great circle.
  public var distanceMeters: Int?
}
