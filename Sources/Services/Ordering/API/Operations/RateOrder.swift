public import Kernel
public import ServiceKit
public import Wire

/// The customer's stars for a meal that was handed over, once; the restaurant's rating is the mean of these.
@Wire public struct RateOrder: Operation {
  public static let address = OperationAddress("ordering", "rateOrder")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = Order
  public typealias Refusal = OrderRefusal

  public var orderId: OrderID
  @Field(.within(1...5)) public var stars: Int
  /// For the restaurant to read.
  @Field(.length(0...500)) public var comment: String?
}
