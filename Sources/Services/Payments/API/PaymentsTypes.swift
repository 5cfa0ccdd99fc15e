public import Kernel
import OrderingAPI
import ServiceKit
public import Wire

public enum PaymentEntity {}
public enum RefundEntity {}
public typealias PaymentID = Identifier<PaymentEntity>
public typealias RefundID = Identifier<RefundEntity>

/// Where a payment stands.
public enum PaymentStatus: String, WireEnum, Hashable {
  /// Asked of the provider, not answered yet.
  case initiated
  case authorized
  /// Captured, or cash taken.
  case succeeded
  case failed, voided
  /// All of what was captured was given back.
  case refunded
}
