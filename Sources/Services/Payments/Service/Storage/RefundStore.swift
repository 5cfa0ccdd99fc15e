import Kernel
import PaymentsAPI
import Persistence

/// A refund as its row tells it.
struct Refund: Hashable, Sendable {
  var id: RefundID
  var payment: PaymentID
  /// Counts the refunds of the payment from 1.
  var number: Int
  /// Whose wish it was: the same key is the same refund.
  var requestKey: String
  /// Names what was asked under the key.
  var request: String
  var amount: Money
  var status: RefundStatus
  var reason: String
  var createdAt: Instant
}

/// The rows of refunds.
struct RefundStore: Sendable {
  private static let columns = "id, payment_id, number, request_key, request, amount, currency, status, reason, created_at"

  func find(_ requestKey: String, of payment: PaymentID, in transaction: any Transaction) throws -> Refund? {
    try transaction.first(
      "SELECT \(Self.columns) FROM payments_refunds WHERE payment_id = ? AND request_key = ?", .id(payment), .text(requestKey), as: Self.refund)
  }

  func count(of payment: PaymentID, in transaction: any Transaction) throws -> Int {
    try transaction.first("SELECT COUNT(*) FROM payments_refunds WHERE payment_id = ?", .id(payment)) { $0.integer(0) } ?? 0
  }

  func insert(_ refund: Refund, in transaction: any Transaction) throws {
    try transaction.run(
      "INSERT INTO payments_refunds (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      .id(refund.id), .id(refund.payment), .integer(refund.number), .text(refund.requestKey), .text(refund.request),
      .integer(refund.amount.units), .text(refund.amount.currency.code), .word(refund.status), .text(refund.reason), .instant(refund.createdAt))
  }

  /// Answers false, changing nothing, when it was done before.
  func markDone(_ id: RefundID, at now: Instant, in transaction: any Transaction) throws -> Bool {
    try transaction.run(
      "UPDATE payments_refunds SET status = 'done', done_at = ? WHERE id = ? AND status = 'pending'", .instant(now), .id(id)) == 1
  }

  /// Refunds that the provider has not done yet, the oldest first.
  func pending(before limit: Instant, count: Int, in transaction: any Transaction) throws -> [Refund] {
    try transaction.all(
      "SELECT \(Self.columns) FROM payments_refunds WHERE status = 'pending' AND created_at <= ? ORDER BY created_at, id LIMIT ?",
      .instant(limit), .integer(count), as: Self.refund)
  }

  private static func refund(_ row: any Row) throws -> Refund {
    Refund(
      id: try row.id(0), payment: try row.id(1), number: row.integer(2), requestKey: row.text(3), request: row.text(4),
      amount: Money(units: row.integer(5), try row.currency(6)), status: try row.word(7), reason: row.text(8), createdAt: row.instant(9))
  }
}
