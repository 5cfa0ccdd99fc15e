public import Kernel
public import OrderingAPI
public import ServiceKit
public import Wire

/// Holds the money of an order, or notes that it will be paid in cash; the same order twice is one hold.
@Wire public struct AuthorizePayment: Operation {
  public static let address = OperationAddress("payments", "authorizePayment")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = PaymentAuthorization
  public typealias Refusal = AuthorizePaymentRefusal

  public var orderId: OrderID
  public var tenantId: TenantID
  public var customerId: UserID
  public var choice: PaymentChoice
  public var currency: Currency
  public var amount: Amount
}

@Wire public struct PaymentAuthorization: Hashable, Sendable {
  public var paymentId: PaymentID
  public var status: PaymentStatus
}

public enum AuthorizePaymentRefusal: String, WireEnum, Refusal {
  case declined = "payment_declined"
  case methodUnknown = "payment_method_unknown"
  public var kind: RefusalKind { .ruled }
}

/// Gives up the hold of an order that does not come to be; without a hold it does nothing, and none can follow.
@Wire public struct VoidPayment: Operation {
  public static let address = OperationAddress("payments", "voidPayment")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.idempotent

  public var orderId: OrderID
  public var reason: String
}
