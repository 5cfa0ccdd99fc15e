public import Kernel
public import ServiceKit
public import Wire

/// Ends an order early; what is given back follows from who asks and how far the kitchen is.
@Wire public struct CancelOrder: Operation {
  public static let address = OperationAddress("ordering", "cancelOrder")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.once
  public typealias Reply = Order
  public typealias Refusal = OrderRefusal

  public var orderId: OrderID
  /// A code that pages tell in the reader's language, such as `out_of_stock`, or a sentence; one may follow the code: `out_of_stock: no rice`.
  @Field(.length(0...280)) public var reason: String?
  /// The version that the caller saw, from `If-Match`.
  public var version: Int?
}
