import Kernel
import OrderingAPI
import Persistence

/// The rows of the sandbox provider.
struct SandboxStore: Sendable {
  /// How a change at the provider ended.
  enum Answer: Hashable, Sendable {
    case done
    case refused(ProviderRefusal.Reason)
    /// It would work another time.
    case failed
  }

  private static let columns = "key, order_id, currency, amount, status, appears_at, captured"
  private static let insertion = """
    INSERT INTO payments_sandbox_holds (\(columns), token, refunded, capture_attempts) \
    VALUES (?, ?, ?, ?, ?, ?, 0, ?, 0, 0) ON CONFLICT (key) DO NOTHING
    """

  /// Answers false, changing nothing, when the key is known.
  func insert(_ hold: ProviderHold, token: SandboxProvider.Card, in transaction: any Transaction) throws -> Bool {
    try transaction.run(
      Self.insertion, expecting: 1,
      .text(hold.key), .id(hold.order), .text(hold.money.currency.code), .integer(hold.money.units), .word(hold.status),
      .instant(hold.madeAt), .word(token)) == 1
  }

  func find(_ key: String, visibleAt now: Instant, in transaction: any Transaction) throws -> ProviderHold? {
    try transaction.first(
      "SELECT \(Self.columns) FROM payments_sandbox_holds WHERE key = ? AND appears_at <= ?", .text(key), .instant(now), as: Self.hold)
  }

  func holds(of order: OrderID, visibleAt now: Instant, in transaction: any Transaction) throws -> [ProviderHold] {
    try transaction.all(
      "SELECT \(Self.columns) FROM payments_sandbox_holds WHERE order_id = ? AND appears_at <= ? ORDER BY key", .id(order), .instant(now),
      as: Self.hold)
  }

  func open(before limit: Instant, after cursor: HoldCursor?, count: Int, in transaction: any Transaction) throws -> [ProviderHold] {
    let start = cursor ?? HoldCursor(madeAt: Instant(milliseconds: 0), key: "")
    return try transaction.all(
      """
      SELECT \(Self.columns) FROM payments_sandbox_holds
      WHERE status = 'held' AND appears_at <= ? AND (appears_at > ? OR (appears_at = ? AND key > ?)) ORDER BY appears_at, key LIMIT ?
      """, .instant(limit), .instant(start.madeAt), .instant(start.madeAt), .text(start.key), .integer(count), as: Self.hold)
  }

  func capture(_ money: Money, of key: String, key captureKey: String, at now: Instant, in transaction: any Transaction) throws -> Answer {
    let found = try transaction.first(
      "SELECT status, amount, capture_key, capture_attempts, token FROM payments_sandbox_holds WHERE key = ? AND appears_at <= ?",
      .text(key), .instant(now)
    ) {
      (status: try $0.word(0, ProviderHold.Status.self), amount: $0.integer(1), key: $0.optionalText(2), attempts: $0.integer(3), token: $0.text(4))
    }
    guard let found else { return .refused(.holdUnknown) }
    if found.status == .captured { return found.key == captureKey ? .done : .refused(.holdGone) }
    guard found.status == .held else { return .refused(.holdGone) }
    guard 1...found.amount ~= money.units else { return .refused(.tooMuch) }
    if found.token == SandboxProvider.Card.captureFail.rawValue, found.attempts == 0 {
      try transaction.run("UPDATE payments_sandbox_holds SET capture_attempts = 1 WHERE key = ?", .text(key))
      return .failed
    }
    try transaction.run(
      "UPDATE payments_sandbox_holds SET status = 'captured', captured = ?, capture_key = ?, capture_attempts = capture_attempts + 1 WHERE key = ?",
      .integer(money.units), .text(captureKey), .text(key))
    return .done
  }

  func void(_ key: String, at now: Instant, in transaction: any Transaction) throws -> Answer {
    let voided: Int = try transaction.run(
      "UPDATE payments_sandbox_holds SET status = 'voided' WHERE key = ? AND status = 'held' AND appears_at <= ?", .text(key), .instant(now))
    if voided == 1 { return .done }
    return try find(key, visibleAt: now, in: transaction)?.status == .captured ? .refused(.holdGone) : .done
  }

  func refund(_ money: Money, of key: String, key refundKey: String, in transaction: any Transaction) throws -> Answer {
    let isNew =
      try transaction.run(
        "INSERT INTO payments_sandbox_refunds (key, hold_key, amount) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING",
        .text(refundKey), .text(key), .integer(money.units)) == 1
    guard isNew else { return .done }
    let given: Int = try transaction.run(
      "UPDATE payments_sandbox_holds SET refunded = refunded + ? WHERE key = ? AND status = 'captured' AND captured - refunded >= ?",
      .integer(money.units), .text(key), .integer(money.units))
    if given == 1 { return .done }
    try transaction.run("DELETE FROM payments_sandbox_refunds WHERE key = ?", .text(refundKey))
    return .refused(.tooMuch)
  }

  func addNotices(_ count: Int, of key: String, at now: Instant, in transaction: any Transaction) throws {
    let rows = Array(repeating: "(?, ?)", count: count).joined(separator: ", ")
    try transaction.run(
      "INSERT INTO payments_sandbox_notices (hold_key, appears_at) VALUES \(rows)",
      (0..<count).flatMap { _ in [SQLValue.text(key), .instant(now)] })
  }

  func takeNotices(_ count: Int, at now: Instant, in transaction: any Transaction) throws -> [String] {
    let notices = try transaction.all(
      "SELECT position, hold_key FROM payments_sandbox_notices WHERE appears_at <= ? ORDER BY position LIMIT ?", .instant(now), .integer(count)
    ) { ($0.integer(0), $0.text(1)) }
    guard !notices.isEmpty else { return [] }
    try transaction.run(
      "DELETE FROM payments_sandbox_notices WHERE position IN (\(transaction.marks(notices.count)))", notices.map { SQLValue.integer($0.0) })
    return notices.map(\.1)
  }

  private static func hold(_ row: any Row) throws -> ProviderHold {
    let currency = try row.currency(2)
    return ProviderHold(
      key: row.text(0), order: try row.id(1), money: Money(units: row.integer(3), currency), status: try row.word(4),
      captured: Money(units: row.integer(6), currency), madeAt: row.instant(5))
  }
}
