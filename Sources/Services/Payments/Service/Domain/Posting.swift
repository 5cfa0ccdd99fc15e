import Kernel
import OrderingAPI
import PaymentsAPI

/// The accounts of the ledger.
enum LedgerAccount: String, CaseIterable, Sendable {
  /// What the provider holds of the customers' money (a memorandum beside `customerHolds`).
  case providerHolds = "provider_holds"
  /// What customers have promised and not paid yet.
  case customerHolds = "customer_holds"
  /// What the provider took and owes the platform.
  case providerClearing = "provider_clearing"
  /// What was taken at the door and is with those who took it.
  case cashInHand = "cash_in_hand"
  /// What is owed to the restaurants.
  case restaurantPayable = "restaurant_payable"
}

/// One line of the ledger; exactly one of debit and credit is above zero.
struct LedgerEntry: Hashable, Sendable {
  let account: LedgerAccount
  let debit: Int
  let credit: Int
}

/// One transaction of the ledger.
///
/// It is made of transfers only, each of which debits and credits the same money, so that none can be out of balance.
struct Posting: Sendable {
  let kind: MovementKind
  /// Unique within its payment, so that no movement is ever posted twice.
  let name: String
  let currency: Currency
  private(set) var entries: [LedgerEntry] = []

  private init(_ kind: MovementKind, name: String, _ currency: Currency) {
    self.kind = kind
    self.name = name
    self.currency = currency
  }

  private func transferring(_ money: Money, debit: LedgerAccount, credit: LedgerAccount) -> Posting {
    precondition(money.currency == currency && money.units > 0, "only money above zero, of one currency, is transferred")
    var posting = self
    posting.entries += [
      LedgerEntry(account: debit, debit: money.units, credit: 0), LedgerEntry(account: credit, debit: 0, credit: money.units)
    ]
    return posting
  }

  static func hold(_ money: Money) -> Posting {
    Posting(.hold, name: "hold", money.currency).transferring(money, debit: .providerHolds, credit: .customerHolds)
  }

  static func void(_ held: Money) -> Posting {
    Posting(.void, name: "void", held.currency).transferring(held, debit: .customerHolds, credit: .providerHolds)
  }

  /// Takes `money` out of a hold, the rest of which ends with it.
  static func capture(_ money: Money, ofHeld held: Money) -> Posting {
    Posting(.capture, name: "capture", money.currency)
      .transferring(held, debit: .customerHolds, credit: .providerHolds)
      .transferring(money, debit: .providerClearing, credit: .restaurantPayable)
  }

  static func cash(_ money: Money) -> Posting {
    Posting(.cash, name: "cash", money.currency).transferring(money, debit: .cashInHand, credit: .restaurantPayable)
  }

  /// - Parameter number: counts the refunds of the payment.
  static func refund(_ money: Money, paidBy method: PaymentMethod, number: Int) -> Posting {
    Posting(.refund, name: "refund-\(number)", money.currency)
      .transferring(money, debit: .restaurantPayable, credit: method == .cash ? .cashInHand : .providerClearing)
  }
}
