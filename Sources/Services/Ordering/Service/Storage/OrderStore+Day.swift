import CatalogAPI
import Kernel
import OrderingAPI
import Persistence
import ServiceKit

extension OrderStore {
  /// The orders of a restaurant that were placed on a day: two statements, however many there are.
  func orders(of terms: RestaurantTerms, on day: RestaurantDate, in transaction: any Transaction) throws -> [DayOrder] {
    // The index is that of the tenant's orders by id, and ids begin with the time at which they were made: a moment beside the placement.
    func id(_ instant: Instant) -> OrderID { OrderID(high: UInt64(max(0, instant.milliseconds)) << 16, low: 0) }
    let condition = "o.tenant_id = ? AND o.id >= ? AND o.id < ? AND o.restaurant_id = ? AND o.is_visible = 1 AND o.placed_at >= ? AND o.placed_at < ?"
    let arguments: [SQLValue] = [
      .id(terms.tenantId), .id(id(day.start - .seconds(600))), .id(id(day.end + .seconds(600))), .id(terms.restaurantId), .instant(day.start),
      .instant(day.end)
    ]
    var orders: [OrderID: DayOrder] = [:]
    try transaction.rows("SELECT o.id, o.status, o.placed_at, o.capture FROM ordering_orders o WHERE \(condition)", arguments) { row in
      orders[try row.id(0)] = DayOrder(status: try row.word(1), placedAt: row.instant(2), capture: try row.json(3))
    }
    // The first of each: a remark repeats the state that the order is in.
    try transaction.rows(
      """
      SELECT h.order_id, h.status, MIN(h.at) FROM ordering_orders o JOIN ordering_status_history h ON h.order_id = o.id
      WHERE \(condition) AND h.status IN ('confirmed', 'ready_for_pickup', 'delivered') GROUP BY h.order_id, h.status
      """, arguments
    ) { row in
      let (id, at) = (try row.id(0, OrderID.self), row.instant(2))
      switch try row.word(1, OrderStatus.self) {
      case .confirmed: orders[id]?.confirmedAt = at
      case .readyForPickup: orders[id]?.readyAt = at
      default: orders[id]?.deliveredAt = at
      }
    }
    return Array(orders.values)
  }
}
