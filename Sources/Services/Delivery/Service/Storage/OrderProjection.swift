import DeliveryAPI
import Kernel
import OrderingAPI
import Persistence
import ServiceKit

/// What Delivery has heard of one order.
struct HeardOrder: Hashable, Sendable {
  var notice: OrderNotice
  var steps: [StepTime]

  var hasEndedEarly: Bool { notice.status == .cancelled || notice.status == .rejected }
}

/// Rows of `delivery_orders`.
struct OrderProjection {
  let transaction: any Transaction

  func find(_ id: OrderID) throws -> HeardOrder? {
    try transaction.first("SELECT notice, steps FROM delivery_orders WHERE order_id = ?", .id(id)) {
      HeardOrder(notice: try $0.json(0), steps: try $0.json(1))
    }
  }

  /// Notes what was heard; news older than what is known changes nothing.
  ///
  /// - Returns: whether it was news.
  func hear(_ notice: OrderNotice, at: Instant) throws -> Bool {
    if notice.status == .pending, try add(notice, at: at) { return true }
    let known = try find(notice.orderId)
    if let known, known.notice.version >= notice.version { return false }
    var steps = known?.steps ?? []
    if steps.last?.status != notice.status.rawValue { steps.append(StepTime(status: notice.status.rawValue, at: at)) }
    try transaction.run(
      """
      INSERT INTO delivery_orders (order_id, tenant_id, customer_id, version, status, notice, steps) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (order_id) DO UPDATE SET version = excluded.version, status = excluded.status, notice = excluded.notice, steps = excluded.steps
      """, .id(notice.orderId), .id(notice.tenantId), .id(notice.customerId), .integer(notice.version), .word(notice.status), .json(notice),
      .json(steps))
    return true
  }

  /// Notes an order of which nothing was heard before, as is the rule; answers false, changing nothing, when something was.
  private func add(_ notice: OrderNotice, at: Instant) throws -> Bool {
    try transaction.run(
      """
      INSERT INTO delivery_orders (order_id, tenant_id, customer_id, version, status, notice, steps) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (order_id) DO NOTHING
      """, expecting: 1, .id(notice.orderId), .id(notice.tenantId), .id(notice.customerId), .integer(notice.version), .word(notice.status),
      .json(notice), .json([StepTime(status: notice.status.rawValue, at: at)])) == 1
  }
}
