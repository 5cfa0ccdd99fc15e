public import Kernel
public import ServiceKit
public import Wire

/// Changes what is named of a restaurant and leaves the rest; an empty text empties the field.
@Wire public struct UpdateRestaurant: Operation {
  public static let address = OperationAddress("catalog", "updateRestaurant")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.once
  public typealias Reply = Restaurant
  public typealias Refusal = CatalogRefusal

  public var restaurantId: RestaurantID
  /// The version that the change was made from, from `If-Match`; another one now is refused.
  public var version: Int?
  @Field(.length(1...120)) public var name: String?
  @Field(.length(0...2000)) public var description: String?
  @Field(.length(0...40)) public var phone: String?
  @Field(.within(1...4)) public var priceLevel: Int?
  @Field(.length(0...500)) public var imageUrl: String?
  @Field(.count(0...20)) public var cuisineTypes: [String]?
  @Field(.length(1...300)) public var address: String?
  public var point: GeoPoint?
  /// IANA name, such as `Europe/Berlin`.
  public var timeZone: String?
  /// Only the one it has: its prices are in it.
  public var currency: Currency?
  public var openingHours: OpeningHours?
  @Field(.count(0...100)) public var closures: [ClosurePeriod]?
  public var minimumOrder: Amount?
  @Field(.within(0...600)) public var preparationMinutes: Int?
  /// Takes no orders until then; a moment gone by, or `isPaused` false, ends the pause.
  public var pausedUntil: Instant?
  /// False ends a pause at once; true needs `pausedUntil`.
  public var isPaused: Bool?
  @Field(.within(0...200_000)) public var deliveryRadiusMeters: Int?
  public var acceptsDelivery: Bool?
  public var acceptsPickup: Bool?
  public var acceptsDineIn: Bool?
  @Field(.count(0...20)) public var taxRules: [TaxRule]?
  public var deliveryFee: DeliveryFeeRule?
  /// False goes back to the platform's delivery fee; true needs `deliveryFee`, unless there is one.
  public var hasOwnDeliveryFee: Bool?
  public var isActive: Bool?
}
