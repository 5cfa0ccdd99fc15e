public import Kernel
public import ServiceKit
public import Wire

/// Restaurants around a point by distance, or all by name.
@Wire public struct ListRestaurants: Operation {
  public static let address = OperationAddress("catalog", "listRestaurants")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = Encoded<Page<RestaurantSummary>>
  public typealias Refusal = Never

  /// Degrees north; with it comes `longitude`.
  @Field(.between(-90...90)) public var latitude: Double?
  @Field(.between(-180...180)) public var longitude: Double?
  @Field(.within(1...100_000)) public var radiusMeters: Int = 10_000
  @Field(.length(1...40)) public var cuisine: String?
  /// Words that must all stand in the name, the description, the cuisines or the dishes; capitals and accents do not matter.
  @Field(.length(1...80)) public var search: String?
  /// Another name of `search`.
  @Field(.length(1...80)) public var query: String?
  /// Another name of `search`.
  @Field(.length(1...80)) public var q: String?
  /// Only those that take orders now.
  public var openNow: Bool?
  @Field(.within(1...100)) public var limit: Int = 50
  @Field(.length(1...100)) public var cursor: String?
}
