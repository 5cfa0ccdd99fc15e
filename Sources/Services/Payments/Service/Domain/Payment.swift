import Kernel
import OrderingAPI
import PaymentsAPI
import ServiceKit

/// The payment of one order.
struct Payment: Hashable, Sendable {
  var id: PaymentID
  var order: OrderID
  var tenant: TenantID
  var customer: UserID
  var method: PaymentMethod
  var status: PaymentStatus
  /// What the order costs, and what is held of a card.
  var amount: Money
  var captured: Money
  /// What was given back, or is about to be.
  var refunded: Money
  var reason: String?
  var createdAt: Instant
  var updatedAt: Instant

  /// The key under which the provider knows the hold: made of order, purpose, amount and attempt, so that asking twice is asking once.
  var holdKey: String { Self.holdKey(order, amount) }

  static func holdKey(_ order: OrderID, _ amount: Money) -> String { "hold:\(order):\(amount.units)\(amount.currency):1" }

  /// Whether a provider has, or may have, a hold for it.
  var isHeldByProvider: Bool { method == .card && amount.units > 0 }
}

/// What is on file for an order.
enum PaymentRecord: Hashable, Sendable {
  case payment(Payment)
  /// The order was given up before it was paid, and no payment may follow.
  case closed
}

extension Payment {
  /// What is to be done once the food is handed over.
  enum Settlement: Hashable, Sendable {
    case takeCash
    case capture(Money)
    /// It is paid already, or was given up.
    case nothing
    /// The provider has not said yet whether it holds the money.
    case notYet
  }

  var settlement: Settlement {
    switch (status, method) {
    case (.initiated, .cash): .takeCash
    case (.initiated, .card): .notYet
    case (.authorized, _): .capture(amount)
    case (.succeeded, _), (.refunded, _), (.failed, _), (.voided, _): .nothing
    }
  }

  /// What is to be done when the order ends early.
  enum Ending: Hashable, Sendable {
    /// Give up the hold, or the wish for cash.
    case void
    /// Take a part of the hold, whose rest is given up.
    case capture(Money)
    case refund(Money)
    case nothing
  }

  /// - Parameter refund: what the customer shall have back of the whole; `nil` for all of it.
  ///
  /// It aims at what is kept in the end, so that doing it again does nothing more.
  func ending(refund: Money?) -> Ending {
    let given = refund.map { min(max($0.units, 0), amount.units) } ?? amount.units
    let kept = Money(units: amount.units - given, amount.currency)
    switch status {
    case .initiated: return .void
    case .authorized: return kept.units > 0 ? .capture(kept) : .void
    case .succeeded, .refunded:
      let due = captured - refunded - kept
      return due.units > 0 ? .refund(due) : .nothing
    case .failed, .voided: return .nothing
    }
  }
}
