public import Kernel
public import ServiceKit
public import Wire

/// One order with its history, for its customer, the staff of its tenant and its courier.
@Wire public struct GetOrder: Operation {
  public static let address = OperationAddress("ordering", "getOrder")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.safe
  public typealias Reply = Order
  public typealias Refusal = OrderRefusal

  public var orderId: OrderID
}
