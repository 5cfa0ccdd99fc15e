public import Kernel
public import Wire

/// A tax on what a restaurant sells.
@Wire public struct TaxRule: Hashable, Sendable {
  @Field(.length(1...60)) public var name: String
  /// Percent, at most four digits behind the point, such as `8.875`.
  public var ratePercent: Amount
  /// Whether the prices on the menu contain it already.
  public var isIncluded: Bool
  /// The class of dishes it is for; absent: every dish whose class has no rule of its own.
  @Field(.length(1...40)) public var taxClass: String?
  /// Whether the delivery fee is taxed by it; absent: as the platform is set.
  public var appliesToDelivery: Bool?
}

/// What bringing an order costs by its distance.
@Wire public struct DeliveryFeeRule: Hashable, Sendable {
  public var base: Amount
  /// For each kilometre, and part of one, beyond the free ones.
  public var perKilometer: Amount
  /// How far the base alone reaches.
  @Field(.between(0...100)) public var freeKilometers: Double = 0
  public var maximum: Amount?
}
