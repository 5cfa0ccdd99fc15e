public import Kernel
public import ServiceKit
public import Wire

/// The customer's account was ended for good, and the order, which has ended, says no longer where it was brought and how.
@Wire public struct OrderCustomerErased: Event {
  public static let name = "order.customer_erased"
  public static let topic = Topic.orders
  public var orderId: OrderID
  public var tenantId: TenantID

  public var tenant: TenantID? { tenantId }
  public var aggregate: String { "order:\(orderId)" }
}
