public import Kernel
public import OrderingAPI
public import ServiceKit
public import Wire

/// What events tell of a payment.
@Wire public struct PaymentNotice: Hashable, Sendable {
  public var paymentId: PaymentID
  public var orderId: OrderID
  public var tenantId: TenantID
  public var customerId: UserID
  public var method: PaymentMethod
  public var status: PaymentStatus
  public var currency: Currency
  /// Of this movement: held, captured, given back or given up.
  public var amount: Amount
  public var reason: String?
}

/// A provider was asked to hold money, and has not answered yet.
@Wire public struct PaymentInitiated: Event {
  public static let name = "payment.initiated"
  public static let topic = Topic.payments
  public var payment: PaymentNotice

  public var tenant: TenantID? { payment.tenantId }
  public var aggregate: String { "payment:\(payment.orderId)" }
}

/// The money of an order is held.
@Wire public struct PaymentAuthorized: Event {
  public static let name = "payment.authorized"
  public static let topic = Topic.payments
  public var payment: PaymentNotice

  public var tenant: TenantID? { payment.tenantId }
  public var aggregate: String { "payment:\(payment.orderId)" }
}

/// The money of an order was captured, or taken in cash.
@Wire public struct PaymentSucceeded: Event {
  public static let name = "payment.succeeded"
  public static let topic = Topic.payments
  public var payment: PaymentNotice

  public var tenant: TenantID? { payment.tenantId }
  public var aggregate: String { "payment:\(payment.orderId)" }
}

/// The money of an order cannot be had.
@Wire public struct PaymentFailed: Event {
  public static let name = "payment.failed"
  public static let topic = Topic.payments
  public var payment: PaymentNotice

  public var tenant: TenantID? { payment.tenantId }
  public var aggregate: String { "payment:\(payment.orderId)" }
}

/// Money was given back.
@Wire public struct PaymentRefunded: Event {
  public static let name = "payment.refunded"
  public static let topic = Topic.payments
  public var payment: PaymentNotice

  public var tenant: TenantID? { payment.tenantId }
  public var aggregate: String { "payment:\(payment.orderId)" }
}

/// A hold was given up.
@Wire public struct PaymentVoided: Event {
  public static let name = "payment.voided"
  public static let topic = Topic.payments
  public var payment: PaymentNotice

  public var tenant: TenantID? { payment.tenantId }
  public var aggregate: String { "payment:\(payment.orderId)" }
}
