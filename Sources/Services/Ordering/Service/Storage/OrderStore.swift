import CatalogAPI
import Kernel
import OrderingAPI
import Persistence
import PricingAPI
import ServiceKit
import Wire

/// The orders, their items and their history.
struct OrderStore: Sendable {
  /// What an order is placed with.
  private static let placed = """
    id, version, status, tenant_id, restaurant_id, customer_id, fulfilment, currency, payment_method, payment_status, partner_id, \
    partner_name, refund, accept_by, ready_at, estimated_delivery_at, placed_at, updated_at, capture
    """
  private static let insertion = """
    INSERT INTO ordering_orders (\(placed), is_visible, total, due_at, due_stage) \
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 0)
    """
  private static let columns = "\(placed), rating, rating_comment"

  /// Orders under way, in the words of their index's condition, so that it is used.
  private static let isActive = "status IN ('pending', 'confirmed', 'preparing', 'ready_for_pickup', 'out_for_delivery')"

  /// Which orders a list shows.
  struct Filter: Sendable {
    var customer: UserID?
    var tenant: TenantID?
    var restaurant: RestaurantID?
    var status: OrderStatus?
    /// Only those placed before this one.
    var before: OrderID?
    var limit: Int
  }

  /// Told of every order that readers may have seen otherwise, once the change is on disk.
  var whenChanged: @Sendable (OrderID) -> Void = { _ in }

  /// How many orders have not ended.
  func countActive(in transaction: any Transaction) throws -> Int {
    try transaction.first("SELECT COUNT(*) FROM ordering_orders WHERE \(Self.isActive)") { $0.integer(0) } ?? 0
  }

  // MARK: Placing

  /// The rows of an order that nobody sees yet and of its items, made ready outside of the transaction that writes them.
  struct HiddenRows: Sendable {
    let order: [SQLValue]
    let items: [SQLValue]
    let itemCount: Int

    /// - Parameter due: when the restaurant is reminded of the order, once it is shown.
    init(_ order: OrderRecord, due: Instant) {
      self.order = [
        .id(order.id), .integer(order.version), .word(order.status), .id(order.tenantId), .id(order.restaurantId), .id(order.customerId),
        .word(order.fulfilment), .text(order.total.currency.code), .word(order.paymentMethod), .word(order.paymentStatus),
        .id(order.partner?.partnerId), .optional(order.partner?.name), .optional(order.refundUnits), .instant(order.acceptBy),
        .instant(order.readyAt), .instant(order.estimatedDeliveryTime), .instant(order.placedAt), .instant(order.updatedAt),
        .json(order.capture), .integer(order.total.units), .instant(due)
      ]
      let currency = order.total.currency
      var items: [SQLValue] = []
      items.reserveCapacity(order.capture.items.count * 9)
      for (position, item) in order.capture.items.enumerated() {
        items += [
          .id(order.id), .integer(position), .id(item.menuItemId), .text(item.name), .integer(item.quantity),
          .integer(Money(item.unitPrice, currency)?.units ?? 0), .text(currency.code), item.options.isEmpty ? "[]" : .json(item.options),
          .optional(item.specialInstructions)
        ]
      }
      self.items = items
      itemCount = order.capture.items.count
    }
  }

  /// Records an order that nobody sees yet.
  func insert(_ rows: HiddenRows, in transaction: any Transaction) throws {
    try transaction.run(Self.insertion, rows.order)
    try transaction.run(
      """
      INSERT INTO ordering_order_items (order_id, position, menu_item_id, name, quantity, unit_price, currency, options, special_instructions) \
      VALUES \(Array(repeating: "(?, ?, ?, ?, ?, ?, ?, ?, ?)", count: rows.itemCount).joined(separator: ", "))
      """, rows.items)
  }

  /// Shows a hidden order; answers false when it is shown already, or gone.
  ///
  /// - Parameter due: when the restaurant is reminded of it; absent where that is as it was written.
  func show(_ order: OrderRecord, due: Instant?, _ change: StatusChange, in transaction: any Transaction) throws -> Bool {
    // No indexed column changes unless it must: all others can then stay where they are.
    let moved: [SQLValue] = due.map { [.instant(order.acceptBy), .instant($0)] } ?? []
    let shown = try transaction.run(
      "UPDATE ordering_orders SET is_visible = 1, payment_status = ?\(due == nil ? "" : ", accept_by = ?, due_at = ?") WHERE id = ? AND is_visible = 0",
      [.word(order.paymentStatus)] + moved + [.id(order.id)], expecting: 1)
    guard shown == 1 else { return false }
    try insert(change, position: 0, of: order.id, in: transaction)
    return true
  }

  /// Removes an order that came to nothing before anybody saw it.
  func removeHidden(_ id: OrderID, in transaction: any Transaction) throws {
    let removed: Int = try transaction.run("DELETE FROM ordering_orders WHERE id = ? AND is_visible = 0", .id(id))
    if removed > 0 { try transaction.run("DELETE FROM ordering_order_items WHERE order_id = ?", .id(id)) }
  }

  // MARK: Reading

  /// A visible order.
  func find(_ id: OrderID, in transaction: any Transaction) throws -> OrderRecord? {
    try transaction.first("SELECT \(Self.columns) FROM ordering_orders WHERE id = ? AND is_visible = 1", .id(id), as: Self.record)
  }

  /// An order that is still being placed.
  func findHidden(_ id: OrderID, in transaction: any Transaction) throws -> OrderRecord? {
    try transaction.first("SELECT \(Self.columns) FROM ordering_orders WHERE id = ? AND is_visible = 0", .id(id), as: Self.record)
  }

  /// The order with its history, as others see it.
  func order(_ record: OrderRecord, in transaction: any Transaction) throws -> Order {
    let history = try histories([record.id], in: transaction)
    return record.order(history: history[record.id] ?? [])
  }

  /// The newest orders first.
  func list(_ filter: Filter, in transaction: any Transaction) throws -> [Order] {
    var conditions = ["is_visible = 1"]
    var arguments: [SQLValue] = []
    func add(_ condition: String, _ argument: SQLValue) {
      conditions.append(condition)
      arguments.append(argument)
    }
    if let customer = filter.customer { add("customer_id = ?", .id(customer)) }
    if let tenant = filter.tenant { add("tenant_id = ?", .id(tenant)) }
    if let restaurant = filter.restaurant { add("restaurant_id = ?", .id(restaurant)) }
    if let status = filter.status {
      add("status = ?", .word(status))
      // Said once more in the words of the index's condition, without which the index is not used.
      if !OrderLifecycle.hasEnded(status) { conditions.append(Self.isActive) }
    }
    if let before = filter.before { add("id < ?", .id(before)) }
    let records = try transaction.all(
      "SELECT \(Self.columns) FROM ordering_orders WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?",
      arguments + [.integer(filter.limit)], as: Self.record)
    let histories = try histories(records.map(\.id), in: transaction)
    return records.map { $0.order(history: histories[$0.id] ?? []) }
  }

  private func histories(_ ids: [OrderID], in transaction: any Transaction) throws -> [OrderID: [StatusChange]] {
    guard !ids.isEmpty else { return [:] }
    var histories: [OrderID: [StatusChange]] = [:]
    try transaction.rows(
      """
      SELECT order_id, status, from_status, at, by_actor, by_user_id, reason FROM ordering_status_history \
      WHERE order_id IN (\(transaction.marks(ids.count))) ORDER BY order_id, position
      """, ids.map { .id($0) }
    ) { row in
      let change = StatusChange(
        status: try row.word(1), from: row.isNull(2) ? nil : try row.word(2), at: row.instant(3), by: try row.word(4),
        byUserId: try row.optionalID(5), reason: row.optionalText(6))
      histories[try row.id(0), default: []].append(change)
    }
    return histories
  }

  // MARK: Changing

  /// Writes what may change of an order, and its new entries of the history.
  ///
  /// - Parameter before: the version that was read; another by now means that somebody was faster.
  func save(_ order: OrderRecord, before: Int, _ changes: [StatusChange], in transaction: any Transaction) throws {
    let isPending = order.status == .pending
    let saved: Int = try transaction.run(
      """
      UPDATE ordering_orders SET version = ?, status = ?, payment_status = ?, partner_id = ?, partner_name = ?, refund = ?, ready_at = ?, \
      estimated_delivery_at = ?, updated_at = ?\(isPending ? "" : ", due_at = NULL") WHERE id = ? AND version = ? AND is_visible = 1
      """,
      [
        .integer(order.version), .word(order.status), .word(order.paymentStatus), .id(order.partner?.partnerId),
        .optional(order.partner?.name), .optional(order.refundUnits), .instant(order.readyAt), .instant(order.estimatedDeliveryTime),
        .instant(order.updatedAt), .id(order.id), .integer(before)
      ])
    guard saved == 1 else { throw Unavailable("order \(order.id) is being changed by somebody else", retryAfterSeconds: 1) }
    for (index, change) in changes.enumerated() {
      // Every change counts the version up by one, so the version before it is its place in the history.
      try insert(change, position: order.version - changes.count + index, of: order.id, in: transaction)
    }
    transaction.afterCommit { [whenChanged, id = order.id] in whenChanged(id) }
  }

  /// Writes the customer's stars, and nothing else that another hand may change meanwhile.
  func rate(_ order: OrderRecord, before: Int, in transaction: any Transaction) throws {
    let rated: Int = try transaction.run(
      "UPDATE ordering_orders SET version = ?, rating = ?, rating_comment = ?, updated_at = ? WHERE id = ? AND version = ? AND rating IS NULL",
      [
        .integer(order.version), .optional(order.rating), .optional(order.ratingComment), .instant(order.updatedAt), .id(order.id),
        .integer(before)
      ])
    guard rated == 1 else { throw Unavailable("order \(order.id) is being changed by somebody else", retryAfterSeconds: 1) }
    transaction.afterCommit { [whenChanged, id = order.id] in whenChanged(id) }
  }

  private func insert(_ change: StatusChange, position: Int, of id: OrderID, in transaction: any Transaction) throws {
    try transaction.run(
      """
      INSERT INTO ordering_status_history (order_id, position, status, from_status, at, by_actor, by_user_id, reason) \
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .id(id), .integer(position), .word(change.status), .word(change.from), .instant(change.at), .word(change.by), .id(change.byUserId),
        .optional(change.reason)
      ])
  }

  // MARK: Deadlines

  /// Whether any order waits for a reminder, an escalation or its end.
  func hasDue(at now: Instant, in transaction: any Transaction) throws -> Bool {
    try transaction.first(
      "SELECT 1 FROM ordering_orders WHERE due_at IS NOT NULL AND due_at <= ? AND is_visible = 1 LIMIT 1", .instant(now), as: { _ in true }) ?? false
  }

  /// The orders whose next stage is due, the longest overdue first.
  func due(at now: Instant, limit: Int, in transaction: any Transaction) throws -> [(order: OrderRecord, stage: AcceptDeadline.Stage)] {
    try transaction.all(
      """
      SELECT \(Self.columns), due_stage FROM ordering_orders WHERE due_at IS NOT NULL AND due_at <= ? AND is_visible = 1 \
      ORDER BY due_at, id LIMIT ?
      """, .instant(now), .integer(limit)
    ) { row in (try Self.record(row), AcceptDeadline.Stage(rawValue: row.integer(21)) ?? .cancel) }
  }

  /// Sets what is due next.
  func schedule(_ stage: AcceptDeadline.Stage, at due: Instant, of id: OrderID, in transaction: any Transaction) throws {
    try transaction.run(
      "UPDATE ordering_orders SET due_stage = ?, due_at = ? WHERE id = ? AND status = 'pending'", .integer(stage.rawValue), .instant(due), .id(id))
  }

  private static func record(_ row: any Row) throws -> OrderRecord {
    let currency = try row.currency(7)
    let partner = try row.optionalID(10, UserID.self)
    return OrderRecord(
      id: try row.id(0), version: row.integer(1), status: try row.word(2), tenantId: try row.id(3), restaurantId: try row.id(4),
      customerId: try row.id(5), fulfilment: try row.word(6), paymentMethod: try row.word(8), paymentStatus: try row.word(9),
      capture: try row.json(18), partner: partner.map { OrderPartner(partnerId: $0, name: row.text(11)) },
      refund: row.optionalInteger(12).map { Money(units: $0, currency).amount }, rating: row.optionalInteger(19),
      ratingComment: row.optionalText(20), acceptBy: row.optionalInstant(13), readyAt: row.optionalInstant(14),
      estimatedDeliveryTime: row.optionalInstant(15), placedAt: row.instant(16), updatedAt: row.instant(17))
  }
}

extension OrderRecord {
  fileprivate var refundUnits: Int? { refund.flatMap { Money($0, capture.price.currency)?.units } }
}
