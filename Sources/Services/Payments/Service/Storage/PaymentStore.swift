import Kernel
import OrderingAPI
import PaymentsAPI
import Persistence
import ServiceKit

/// The rows of payments: one an order, or the mark that the order is closed.
struct PaymentStore: Sendable {
  private static let columns =
    "id, order_id, tenant_id, customer_id, method, status, currency, amount, captured, refunded, reason, created_at, updated_at"
  private static let insertion =
    "INSERT INTO payments_payments (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id) DO NOTHING"
  /// In the column `status`, of a row that holds no payment but keeps one from coming.
  private static let closed = "closed"

  /// Adds a payment; answers false, changing nothing, when there is something on file for its order.
  func insert(_ payment: Payment, in transaction: any Transaction) throws -> Bool {
    try transaction.run(
      Self.insertion, expecting: 1,
      .id(payment.id), .id(payment.order), .id(payment.tenant), .id(payment.customer), .word(payment.method), .word(payment.status),
      .text(payment.amount.currency.code), .integer(payment.amount.units), .integer(payment.captured.units),
      .integer(payment.refunded.units), .optional(payment.reason), .instant(payment.createdAt), .instant(payment.updatedAt)) == 1
  }

  /// Keeps any payment of the order from coming; answers false, changing nothing, when there is something on file for it.
  func close(_ order: OrderID, as id: PaymentID, reason: String, at now: Instant, in transaction: any Transaction) throws -> Bool {
    try transaction.run(
      """
      INSERT INTO payments_payments (id, order_id, status, amount, captured, refunded, reason, created_at, updated_at)
      VALUES (?, ?, ?, 0, 0, 0, ?, ?, ?) ON CONFLICT (order_id) DO NOTHING
      """, .id(id), .id(order), .text(Self.closed), .text(reason), .instant(now), .instant(now)) == 1
  }

  func record(of order: OrderID, in transaction: any Transaction) throws -> PaymentRecord? {
    try transaction.first("SELECT \(Self.columns) FROM payments_payments WHERE order_id = ?", .id(order), as: Self.record)
  }

  func records(of orders: [OrderID], in transaction: any Transaction) throws -> [OrderID: PaymentRecord] {
    guard !orders.isEmpty else { return [:] }
    let rows = try transaction.all(
      "SELECT \(Self.columns) FROM payments_payments WHERE order_id IN (\(transaction.marks(orders.count)))", orders.map { SQLValue.id($0) }
    ) { (try $0.id(1, OrderID.self), try Self.record($0)) }
    return Dictionary(rows) { first, _ in first }
  }

  func find(_ id: PaymentID, in transaction: any Transaction) throws -> Payment? {
    try transaction.first(
      "SELECT \(Self.columns) FROM payments_payments WHERE id = ? AND status <> '\(Self.closed)'", .id(id), as: Self.payment)
  }

  /// Moves a payment on from a status; answers false, changing nothing, when somebody else moved it before.
  func move(
    _ payment: Payment, to status: PaymentStatus, captured: Money? = nil, reason: String? = nil, at now: Instant, in transaction: any Transaction
  ) throws -> Bool {
    try transaction.run(
      """
      UPDATE payments_payments SET status = ?, captured = ?, reason = COALESCE(?, reason), updated_at = ? WHERE id = ? AND status = ?
      """,
      .word(status), .integer((captured ?? payment.captured).units), .optional(reason), .instant(now), .id(payment.id), .word(payment.status)) == 1
  }

  /// Sets a part of what was captured aside to be given back; answers false when that much is not left.
  func reserve(_ amount: Money, of payment: PaymentID, at now: Instant, in transaction: any Transaction) throws -> Bool {
    try transaction.run(
      "UPDATE payments_payments SET refunded = refunded + ?, updated_at = ? WHERE id = ? AND captured - refunded >= ?",
      .integer(amount.units), .instant(now), .id(payment), .integer(amount.units)) == 1
  }

  /// Marks a payment as given back when all that was captured has been.
  func concludeRefund(of payment: PaymentID, at now: Instant, in transaction: any Transaction) throws {
    try transaction.run(
      """
      UPDATE payments_payments SET status = 'refunded', updated_at = ? WHERE id = ? AND status = 'succeeded' AND refunded = captured
      AND NOT EXISTS (SELECT 1 FROM payments_refunds WHERE payment_id = ? AND status = 'pending')
      """, .instant(now), .id(payment), .id(payment))
  }

  /// Card payments of which the provider has not been heard since.
  func unanswered(before limit: Instant, count: Int, in transaction: any Transaction) throws -> [Payment] {
    try transaction.all(
      """
      SELECT \(Self.columns) FROM payments_payments WHERE status = 'initiated' AND method = 'card' AND created_at < ?
      ORDER BY created_at, id LIMIT ?
      """, .instant(limit), .integer(count), as: Self.payment)
  }

  /// Whose payments a list shows.
  struct Filter: Sendable {
    var isEverything = false
    var customer: UserID?
    var tenant: TenantID?
    var order: OrderID?
    var status: PaymentStatus?
  }

  /// Payments, the newest first.
  func list(_ filter: Filter, after cursor: PaymentID?, limit: Int, in transaction: any Transaction) throws -> [Payment] {
    var conditions = ["status <> '\(Self.closed)'"]
    var arguments: [SQLValue] = []
    if !filter.isEverything {
      conditions.append(filter.tenant == nil ? "customer_id = ?" : "(customer_id = ? OR tenant_id = ?)")
      arguments.append(.id(filter.customer))
      if let tenant = filter.tenant { arguments.append(.id(tenant)) }
    }
    if let order = filter.order {
      conditions.append("order_id = ?")
      arguments.append(.id(order))
    }
    if let status = filter.status {
      conditions.append("status = ?")
      arguments.append(.word(status))
    }
    if let cursor {
      conditions.append("id < ?")
      arguments.append(.id(cursor))
    }
    return try transaction.all(
      "SELECT \(Self.columns) FROM payments_payments WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?",
      arguments + [.integer(limit)], as: Self.payment)
  }

  private static func record(_ row: any Row) throws -> PaymentRecord {
    row.text(5) == closed ? .closed : .payment(try payment(row))
  }

  private static func payment(_ row: any Row) throws -> Payment {
    let currency = try row.currency(6)
    return Payment(
      id: try row.id(0), order: try row.id(1), tenant: try row.id(2), customer: try row.id(3), method: try row.word(4), status: try row.word(5),
      amount: Money(units: row.integer(7), currency), captured: Money(units: row.integer(8), currency),
      refunded: Money(units: row.integer(9), currency), reason: row.optionalText(10), createdAt: row.instant(11), updatedAt: row.instant(12))
  }
}
