public import CatalogAPI
public import Kernel
public import ServiceKit
public import Wire

/// What each of many restaurants would take for bringing an order to a point, as its price would say; creates nothing.
@Wire public struct QuoteDeliveryFees: Operation {
  public static let address = OperationAddress("pricing", "quoteDeliveryFees")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = DeliveryFees

  @Field(.count(1...100)) public var restaurantIds: [RestaurantID]
  /// Degrees north of the door.
  @Field(.between(-90...90)) public var latitude: Double
  /// Degrees east of the door.
  @Field(.between(-180...180)) public var longitude: Double
}

/// The fees in the order asked for; restaurants that are not on the platform are left out.
@Wire public struct DeliveryFees: Hashable, Sendable {
  public var fees: [DeliveryFeeQuote]
}

/// What one restaurant would take for bringing an order to the door.
@Wire public struct DeliveryFeeQuote: Hashable, Sendable {
  public var restaurantId: RestaurantID
  public var currency: Currency
  /// Absent where it brings nothing to this door.
  public var fee: Amount?
  /// From door to door, along the great circle.
  public var distanceMeters: Int
  /// Whether the door is within its radius.
  public var isInRange: Bool
  public var acceptsDelivery: Bool
}
