import Kernel
import PaymentsAPI
import Persistence

/// The rows of the ledger; they are added and never changed.
struct LedgerStore: Sendable {
  /// Adds one transaction; fails, undoing the caller's, when the payment has one of that name.
  func append(_ posting: Posting, of payment: Payment, at now: Instant, in transaction: any Transaction) throws {
    let transactionID = "\(payment.id):\(posting.name)"
    var arguments: [SQLValue] = []
    for (line, entry) in posting.entries.enumerated() {
      arguments += [
        .text(transactionID), .integer(line), .word(posting.kind), .word(entry.account), .text(posting.currency.code), .integer(entry.debit),
        .integer(entry.credit), .id(payment.order), .id(payment.id), .instant(now)
      ]
    }
    let rows = posting.entries.map { _ in "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" }.joined(separator: ", ")
    try transaction.run(
      """
      INSERT INTO payments_ledger (transaction_id, line, kind, account, currency, debit, credit, order_id, payment_id, at) VALUES \(rows)
      """, arguments)
  }

  /// What happened to the money of some payments, each in order.
  func movements(of payments: [PaymentID], in transaction: any Transaction) throws -> [PaymentID: [PaymentMovement]] {
    guard !payments.isEmpty else { return [:] }
    var movements: [PaymentID: [PaymentMovement]] = [:]
    // One line of each transaction tells its amount: that of the hold for holds and voids, that of the restaurant otherwise.
    try transaction.rows(
      """
      SELECT payment_id, kind, currency, debit + credit, at FROM payments_ledger WHERE payment_id IN (\(transaction.marks(payments.count)))
      AND account = CASE WHEN kind IN ('hold', 'void') THEN 'customer_holds' ELSE 'restaurant_payable' END
      ORDER BY at, CASE kind WHEN 'hold' THEN 0 WHEN 'refund' THEN 2 ELSE 1 END, transaction_id
      """, payments.map { SQLValue.id($0) }
    ) { row in
      let money = Money(units: row.integer(3), try row.currency(2))
      movements[try row.id(0), default: []].append(PaymentMovement(kind: try row.word(1), amount: money.amount, at: row.instant(4)))
    }
    return movements
  }

  /// Sums up everything, and looks for what does not add up.
  func summary(in transaction: any Transaction) throws -> LedgerSummary {
    let balances = try transaction.all(
      "SELECT account, currency, CAST(SUM(debit) AS BIGINT), CAST(SUM(credit) AS BIGINT) FROM payments_ledger GROUP BY account, currency ORDER BY currency, account"
    ) { row in
      let currency = try row.currency(1)
      let (debit, credit) = (Money(units: row.integer(2), currency), Money(units: row.integer(3), currency))
      return LedgerBalance(
        account: row.text(0), currency: currency, debit: debit.amount, credit: credit.amount, balance: (debit - credit).amount)
    }
    let totals = try transaction.all(
      "SELECT currency, CAST(SUM(debit) AS BIGINT), CAST(SUM(credit) AS BIGINT) FROM payments_ledger GROUP BY currency ORDER BY currency"
    ) { row in
      let currency = try row.currency(0)
      return LedgerTotal(
        currency: currency, debit: Money(units: row.integer(1), currency).amount, credit: Money(units: row.integer(2), currency).amount)
    }
    let unbalanced = try transaction.all(
      """
      SELECT transaction_id FROM payments_ledger GROUP BY transaction_id, currency HAVING SUM(debit) <> SUM(credit)
      ORDER BY transaction_id LIMIT 20
      """
    ) { $0.text(0) }
    let counts = try transaction.first("SELECT COUNT(*), COUNT(DISTINCT transaction_id) FROM payments_ledger") { ($0.integer(0), $0.integer(1)) }
    return LedgerSummary(
      balances: balances, totals: totals, entryCount: counts?.0 ?? 0, transactionCount: counts?.1 ?? 0,
      isBalanced: unbalanced.isEmpty && totals.allSatisfy { $0.debit == $0.credit }, unbalanced: unbalanced)
  }
}
