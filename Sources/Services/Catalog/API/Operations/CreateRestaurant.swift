public import Kernel
public import ServiceKit
public import Wire

/// Opens a restaurant of a tenant.
@Wire public struct CreateRestaurant: Operation {
  public static let address = OperationAddress("catalog", "createRestaurant")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.once
  public typealias Reply = Restaurant
  public typealias Refusal = CatalogRefusal

  /// Absent: the caller's own; administrators must name it.
  public var tenantId: TenantID?
  @Field(.length(1...120)) public var name: String
  @Field(.length(0...2000)) public var description: String?
  @Field(.length(0...40)) public var phone: String?
  @Field(.within(1...4)) public var priceLevel: Int?
  @Field(.length(0...500)) public var imageUrl: String?
  @Field(.count(0...20)) public var cuisineTypes: [String] = []
  @Field(.length(1...300)) public var address: String
  public var point: GeoPoint
  /// IANA name, such as `Europe/Berlin`.
  public var timeZone: String
  public var currency: Currency
  public var openingHours: OpeningHours
  @Field(.count(0...100)) public var closures: [ClosurePeriod] = []
  public var minimumOrder: Amount?
  @Field(.within(0...600)) public var preparationMinutes: Int = 15
  @Field(.within(0...200_000)) public var deliveryRadiusMeters: Int = 8000
  public var acceptsDelivery: Bool = true
  public var acceptsPickup: Bool = true
  public var acceptsDineIn: Bool = true
  @Field(.count(0...20)) public var taxRules: [TaxRule] = []
  public var deliveryFee: DeliveryFeeRule?
  public var isActive: Bool = true

  public var namedTenant: TenantID? { tenantId }
}
