public import Kernel
public import ServiceKit
public import Wire

/// What the ledger's accounts stand at, and whether it adds up.
@Wire public struct ReadLedger: Operation {
  public static let address = OperationAddress("payments", "readLedger")
  public static let access = Access.roles(Role.administrators)
  public static let repeatability = Repeatability.safe
  public typealias Reply = LedgerSummary
}

/// The ledger in sums.
@Wire public struct LedgerSummary: Hashable, Sendable {
  public var balances: [LedgerBalance]
  public var totals: [LedgerTotal]
  public var entryCount: Int
  public var transactionCount: Int
  /// Whether debits and credits are equal, in every currency and in every single transaction.
  public var isBalanced: Bool
  /// Transactions whose debits and credits differ; at most twenty of them.
  public var unbalanced: [String]
}

/// One account in one currency.
@Wire public struct LedgerBalance: Hashable, Sendable {
  public var account: String
  public var currency: Currency
  public var debit: Amount
  public var credit: Amount
  /// Debits less credits.
  public var balance: Amount
}

/// Everything in one currency.
@Wire public struct LedgerTotal: Hashable, Sendable {
  public var currency: Currency
  public var debit: Amount
  public var credit: Amount
}
