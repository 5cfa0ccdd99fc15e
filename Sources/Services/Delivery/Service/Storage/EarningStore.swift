import DeliveryAPI
import Kernel
import Persistence
import ServiceKit

/// Rows of `delivery_earnings`.
struct EarningStore {
  let transaction: any Transaction

  /// Notes what a delivered delivery earned; a second time changes nothing.
  func add(_ delivery: DeliveryRow, partner: UserID, at: Instant) throws {
    try transaction.run(
      """
      INSERT INTO delivery_earnings (delivery_id, partner_id, currency, way_units, tip_units, distance_meters, earned_at)
      VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (delivery_id) DO NOTHING
      """, .id(delivery.id), .id(partner), .text(delivery.way.currency.code), .integer(delivery.way.units), .integer(delivery.tip.units),
      .integer(delivery.distanceMeters), .instant(at))
  }

  func list(of partner: UserID, from: Instant, to: Instant, limit: Int) throws -> [EarnedDelivery] {
    try transaction.all(
      """
      SELECT earned_at, currency, way_units, tip_units FROM delivery_earnings WHERE partner_id = ? AND earned_at >= ? AND earned_at < ?
      ORDER BY earned_at LIMIT ?
      """, .id(partner), .instant(from), .instant(to), .integer(limit)
    ) { row in
      let currency = try row.currency(1)
      return EarnedDelivery(at: row.instant(0), way: Money(units: row.integer(2), currency), tip: Money(units: row.integer(3), currency))
    }
  }
}
