public import Kernel
public import ServiceKit
public import Wire

/// Moves an order to another state, as far as the caller may.
@Wire public struct UpdateOrderStatus: Operation {
  public static let address = OperationAddress("ordering", "updateOrderStatus")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.once
  public typealias Reply = Order
  public typealias Refusal = OrderRefusal

  public var orderId: OrderID
  public var status: OrderStatus
  /// A code that pages tell in the reader's language, such as `too_busy`, or a sentence; one may follow the code: `too_busy: try after nine`.
  @Field(.length(0...280)) public var reason: String?
  /// With `confirmed`: how long the kitchen will take; absent: as long as the restaurant says it usually does.
  @Field(.within(1...240)) public var readyInMinutes: Int?
  /// The version that the caller saw, from `If-Match`.
  public var version: Int?
}
