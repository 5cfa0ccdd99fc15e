import Kernel
import Persistence
import ServiceKit

/// Rows of `delivery_positions` and `delivery_last_positions`.
struct PositionStore {
  let transaction: any Transaction

  /// Keeps points, and the newest of each partner where a start finds it at once.
  func add(_ points: [PositionBoard.Kept]) throws {
    for points in points.chunked(by: 200) {
      try transaction.run(
        """
        INSERT INTO delivery_positions (partner_id, recorded_at, latitude, longitude)
        VALUES \(Array(repeating: "(?, ?, ?, ?)", count: points.count).joined(separator: ", ")) ON CONFLICT (partner_id, recorded_at) DO NOTHING
        """, points.flatMap(values))
    }
    var newest: [UserID: PositionBoard.Kept] = [:]
    for point in points where newest[point.partner].map({ $0.at < point.at }) ?? true { newest[point.partner] = point }
    let last = newest.values.sorted { $0.partner.description < $1.partner.description }
    for points in last.chunked(by: 200) {
      try transaction.run(
        """
        INSERT INTO delivery_last_positions (partner_id, recorded_at, latitude, longitude)
        VALUES \(Array(repeating: "(?, ?, ?, ?)", count: points.count).joined(separator: ", "))
        ON CONFLICT (partner_id) DO UPDATE SET recorded_at = excluded.recorded_at, latitude = excluded.latitude, longitude = excluded.longitude
        """, points.flatMap(values))
    }
  }

  func last(after: String, limit: Int) throws -> [PositionBoard.Kept] {
    try transaction.all(
      "SELECT partner_id, recorded_at, latitude, longitude FROM delivery_last_positions WHERE partner_id > ? ORDER BY partner_id LIMIT ?",
      .text(after), .integer(limit)
    ) { PositionBoard.Kept(partner: try $0.id(0), point: GeoPoint(latitude: $0.real(2), longitude: $0.real(3)), at: $0.instant(1)) }
  }

  /// Forgets points older than a moment, a bounded number at once; answers how many.
  func forget(before: Instant, limit: Int) throws -> Int {
    try transaction.run(
      """
      DELETE FROM delivery_positions WHERE (partner_id, recorded_at) IN
        (SELECT partner_id, recorded_at FROM delivery_positions WHERE recorded_at < ? ORDER BY recorded_at LIMIT ?)
      """, .instant(before), .integer(limit))
  }

  private func values(_ point: PositionBoard.Kept) -> [SQLValue] {
    [.id(point.partner), .instant(point.at), .real(point.point.latitude), .real(point.point.longitude)]
  }
}
