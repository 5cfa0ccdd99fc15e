public import Kernel
public import OrderingAPI
public import ServiceKit
public import Wire

/// A payment with everything that happened to its money.
@Wire public struct PaymentView: Hashable, Sendable {
  public var id: PaymentID
  public var orderId: OrderID
  public var tenantId: TenantID
  public var customerId: UserID
  public var method: PaymentMethod
  public var status: PaymentStatus
  public var currency: Currency
  /// What the order costs.
  public var amount: Amount
  public var captured: Amount
  public var refunded: Amount
  public var reason: String?
  public var createdAt: Instant
  public var updatedAt: Instant
  /// In the order they happened.
  public var movements: [PaymentMovement]
  /// How many of the movements took money; never more than one.
  public var captures: Int
  /// How many of the movements gave money back.
  public var refunds: Int
}

/// One movement of a payment's money, as the ledger has it.
@Wire public struct PaymentMovement: Hashable, Sendable {
  public var kind: MovementKind
  public var amount: Amount
  public var at: Instant
}

/// What a movement does with the money.
public enum MovementKind: String, WireEnum, Hashable {
  /// The provider holds it for the order.
  case hold
  /// The hold was given up.
  case void
  /// The held money, or a part of it, was taken.
  case capture
  /// It was handed over in cash.
  case cash
  /// It was given back.
  case refund
}
