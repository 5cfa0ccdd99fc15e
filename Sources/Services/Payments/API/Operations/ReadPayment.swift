public import ServiceKit
public import Wire

/// One payment, for those whom it concerns.
@Wire public struct ReadPayment: Operation {
  public static let address = OperationAddress("payments", "readPayment")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.safe
  public typealias Reply = PaymentView
  public typealias Refusal = ReadPaymentRefusal

  public var paymentId: PaymentID
}

/// Why a payment is not shown.
public enum ReadPaymentRefusal: String, WireEnum, Refusal {
  case paymentUnknown = "payment_unknown"
  public var kind: RefusalKind { .hidden }
}
