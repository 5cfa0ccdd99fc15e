public import OrderingAPI
public import ServiceKit
public import Wire

/// Gives up the hold of an order that does not come to be; without a hold it does nothing, and none can follow.
@Wire public struct VoidPayment: Operation {
  public static let address = OperationAddress("payments", "voidPayment")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.idempotent

  public var orderId: OrderID
  public var reason: String
}
