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

/// The payment of an order that may go on.
@Wire public struct PaymentAuthorization: Hashable, Sendable {
  public var paymentId: PaymentID
  public var status: PaymentStatus
}

/// Why the money of an order cannot be had.
public enum AuthorizePaymentRefusal: String, WireEnum, Refusal {
  case declined = "payment_declined"
  case methodUnknown = "payment_method_unknown"
  /// The order was given up meanwhile.
  case closed = "payment_closed"
  /// The provider does not answer; whatever it may hold is given back.
  case unanswered = "payment_unanswered"

  public var kind: RefusalKind { self == .unanswered ? .unavailable : .ruled }

  public var detail: String {
    switch self {
    case .declined: "the card was declined"
    case .methodUnknown: "the provider does not know this card"
    case .closed: "the order was given up"
    case .unanswered: "the payment provider does not answer; nothing was charged"
    }
  }
}
