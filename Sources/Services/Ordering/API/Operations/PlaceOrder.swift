public import CatalogAPI
public import Kernel
public import ServiceKit
public import Wire

/// Places an order: checked, priced, held against the card, and only then shown to the restaurant.
///
/// The same key with the same request brings the first answer again.
@Wire public struct PlaceOrder: Operation {
  public static let address = OperationAddress("ordering", "placeOrder")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.once
  public typealias Reply = Order
  public typealias Refusal = OrderRefusal

  /// Required unless the cart is ordered.
  public var restaurantId: RestaurantID?
  @Field(.count(0...50)) public var items: [WantedItem] = []
  /// Whether the caller's cart is ordered, and emptied.
  public var fromCart: Bool = false
  public var fulfilment: Fulfilment
  /// Required where the food is brought.
  public var deliveryAddress: DeliveryAddress?
  public var payment: PaymentChoice
  public var tip: Amount?
  /// What the caller was shown; any other total refuses the order.
  public var expectedTotal: Amount?
  /// When the guest wants it, at most seven days ahead; absent: as soon as possible.
  public var wantedAt: Instant?
  @Field(.length(0...500)) public var specialInstructions: String?
  @Field(.length(1...64)) public var couponCode: String?
  /// Also the header `Idempotency-Key`, which wins.
  @Field(.length(1...200)) public var idempotencyKey: String?
}
