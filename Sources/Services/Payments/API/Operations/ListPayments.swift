public import Kernel
public import OrderingAPI
public import ServiceKit
public import Wire

/// Payments that concern the caller, the newest first: a customer's own, those of the tenant for its staff, all for administrators.
@Wire public struct ListPayments: Operation {
  public static let address = OperationAddress("payments", "listPayments")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<PaymentView>

  /// Only the payments of this order.
  public var orderId: OrderID?
  public var cursor: PaymentID?
  @Field(.within(1...200)) public var limit: Int = 50
}
