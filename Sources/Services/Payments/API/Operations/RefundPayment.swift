public import Kernel
public import OrderingAPI
public import ServiceKit
public import Wire

/// Gives back captured money, all that is left of it or a part; the same key twice is one refund.
@Wire public struct RefundPayment: Operation {
  public static let address = OperationAddress("payments", "refundPayment")
  public static let access = Access.roles(Role.managers.union(Role.administrators))
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = RefundView
  public typealias Refusal = RefundPaymentRefusal

  public var paymentId: PaymentID
  /// Absent: all that is left.
  public var amount: Amount?
  @Field(.length(1...280)) public var reason: String
  @Field(.length(1...200)) public var idempotencyKey: String
}

/// A refund of a payment.
@Wire public struct RefundView: Hashable, Sendable {
  public var id: RefundID
  public var paymentId: PaymentID
  public var orderId: OrderID
  public var currency: Currency
  public var amount: Amount
  public var status: RefundStatus
  public var reason: String
  public var createdAt: Instant
}

/// Where a refund stands.
public enum RefundStatus: String, WireEnum, Hashable {
  /// Reserved; the provider is asked until it has done it.
  case pending
  case done
}

/// Why money cannot be given back.
public enum RefundPaymentRefusal: String, WireEnum, Refusal {
  case paymentUnknown = "payment_unknown"
  /// Nothing was captured, so that nothing can be given back.
  case notCaptured = "payment_not_captured"
  case exceedsCaptured = "refund_exceeds_captured"
  /// The key was used for another refund.
  case idempotencyConflict = "idempotency_conflict"

  public var kind: RefusalKind {
    switch self {
    case .paymentUnknown: .hidden
    case .notCaptured, .exceedsCaptured: .ruled
    case .idempotencyConflict: .conflict
    }
  }
}
