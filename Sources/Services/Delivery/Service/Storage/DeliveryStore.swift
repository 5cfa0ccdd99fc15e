import DeliveryAPI
import Kernel
import OrderingAPI
import Persistence
import ServiceKit

/// Rows of `delivery_deliveries`.
struct DeliveryStore {
  let transaction: any Transaction

  /// Adds it unless the order has one already; answers whether it did.
  func add(_ delivery: DeliveryRow) throws -> Bool {
    try transaction.run(
      """
      INSERT INTO delivery_deliveries (\(DeliveryRow.columns)) VALUES (\(transaction.marks(DeliveryRow.columnCount)))
      ON CONFLICT (order_id) DO NOTHING
      """, delivery.values) == 1
  }

  func find(_ id: DeliveryID) throws -> DeliveryRow? { try one("id = ?", .id(id)) }
  func find(of order: OrderID) throws -> DeliveryRow? { try one("order_id = ?", .id(order)) }

  /// The deliveries that the dispatcher must look at, the oldest first.
  ///
  /// - Parameter unassigned: how many of the manual list to add before their time comes.
  func due(at now: Instant, limit: Int, unassigned: Int) throws -> [DeliveryRow] {
    var due = try many("due_at <= ? ORDER BY due_at, id LIMIT ?", .instant(now), .integer(limit))
    if unassigned > 0 {
      let known = Set(due.map(\.id))
      due += try many("status = 'unassigned' AND ended_at IS NULL ORDER BY id LIMIT ?", .integer(unassigned)).filter { !known.contains($0.id) }
    }
    // Who waits longest chooses first, on the manual list or not.
    return due.sorted { ($0.createdAt, $0.id.high, $0.id.low) < ($1.createdAt, $1.id.high, $1.id.low) }
  }

  /// Marks waiting deliveries as offered, those that still are of the version that was read; answers how many were.
  func offer(_ deliveries: [DeliveryRow]) throws -> Int {
    try deliveries.chunked(by: 80).reduce(0) { count, deliveries in
      // The casts tell PostgreSQL what the parameters are; both engines call the columns of VALUES column1 and so on.
      let row = "(?, CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT))"
      return try count
        + transaction.run(
          """
          UPDATE delivery_deliveries SET status = 'offered', due_at = NULL, radius_index = wanted.column3, asked = wanted.column4,
            round = wanted.column5, version = version + 1
          FROM (VALUES \(Array(repeating: row, count: deliveries.count).joined(separator: ", "))) AS wanted
          WHERE id = wanted.column1 AND version = wanted.column2 AND status IN ('searching', 'unassigned')
          """,
          deliveries.flatMap { delivery -> [SQLValue] in
            [
              .id(delivery.id), .integer(delivery.version), .integer(delivery.round.radiusIndex), .integer(delivery.round.asked),
              .integer(delivery.round.number)
            ]
          })
    }
  }

  /// Which of these still are as they were read.
  func unchanged(_ ids: [DeliveryID]) throws -> [DeliveryID: Int] {
    var versions: [DeliveryID: Int] = [:]
    for ids in ids.chunked(by: 400) {
      try transaction.rows(
        "SELECT id, version FROM delivery_deliveries WHERE id IN (\(transaction.marks(ids.count))) AND status IN ('searching', 'unassigned')",
        ids.map { .id($0) }
      ) { versions[try $0.id(0)] = $0.integer(1) }
    }
    return versions
  }

  /// Writes every column that can change, if the row still is of the version that was read; the new row's version is one higher.
  func save(_ delivery: inout DeliveryRow) throws -> Bool {
    let changed: Int = try transaction.run(
      """
      UPDATE delivery_deliveries SET status = ?, partner_id = ?, hand_over_code = ?, wrong_codes = ?, radius_index = ?, asked = ?, round = ?,
        due_at = ?, was_reported = ?, ready_at = ?, assigned_at = ?, arrived_at_restaurant_at = ?, picked_up_at = ?,
        arrived_at_customer_at = ?, ended_at = ?, reason = ?, stars = ?, last_wrong_code = ?, failed_partner_id = ?,
        version = version + 1
      WHERE id = ? AND version = ?
      """,
      [
        .word(delivery.status), .id(delivery.partnerId), .optional(delivery.handOverCode), .integer(delivery.wrongCodes),
        .integer(delivery.round.radiusIndex), .integer(delivery.round.asked), .integer(delivery.round.number), .instant(delivery.dueAt),
        .boolean(delivery.wasReported), .instant(delivery.readyAt), .instant(delivery.assignedAt), .instant(delivery.arrivedAtRestaurantAt),
        .instant(delivery.pickedUpAt), .instant(delivery.arrivedAtCustomerAt), .instant(delivery.endedAt), .optional(delivery.reason),
        .optional(delivery.stars), .optional(delivery.lastWrongCode), .id(delivery.failedPartnerId), .id(delivery.id), .integer(delivery.version)
      ])
    delivery.version += 1
    return changed == 1
  }

  /// Puts deliveries whose offer ended back into the search.
  @discardableResult
  func searchAgain(_ ids: [DeliveryID], at now: Instant) throws -> [DeliveryRow] {
    try ids.chunked(by: 400).flatMap { ids in
      try transaction.all(
        """
        UPDATE delivery_deliveries SET status = 'searching', due_at = ?, version = version + 1
        WHERE status = 'offered' AND id IN (\(transaction.marks(ids.count))) RETURNING \(DeliveryRow.columns)
        """, [.instant(now)] + ids.map { .id($0) }
      ) { try DeliveryRow($0) }
    }
  }

  /// Puts deliveries on the manual list; answers those that were not reported before.
  func giveUp(_ ids: [DeliveryID], dueAt: Instant, lastRadius: Int) throws -> [DeliveryRow] {
    try ids.chunked(by: 400).flatMap { ids in
      let marks = transaction.marks(ids.count)
      let fresh = try transaction.all(
        "SELECT id FROM delivery_deliveries WHERE was_reported = 0 AND id IN (\(marks)) AND status IN ('searching', 'unassigned') ORDER BY id",
        ids.map { .id($0) }
      ) { try $0.id(0, DeliveryID.self) }
      let rows = try transaction.all(
        """
        UPDATE delivery_deliveries SET status = 'unassigned', due_at = ?, was_reported = 1, radius_index = ?, asked = 0, version = version + 1
        WHERE id IN (\(marks)) AND status IN ('searching', 'unassigned') RETURNING \(DeliveryRow.columns)
        """, [.instant(dueAt), .integer(lastRadius)] + ids.map { .id($0) }
      ) { try DeliveryRow($0) }
      let known = Set(fresh)
      return rows.filter { known.contains($0.id) }.sorted { $0.id.description < $1.id.description }
    }
  }

  /// The running deliveries, for the start.
  func running(after id: String, limit: Int) throws -> [DeliveryRow] {
    try many(
      """
      status IN ('assigned', 'arrived_at_restaurant', 'picked_up', 'arrived_at_customer') AND ended_at IS NULL AND id > ?
      ORDER BY id LIMIT ?
      """, .text(id), .integer(limit))
  }

  /// What waits or runs, for the map.
  func open(limit: Int) throws -> [DeliveryRow] {
    try many(
      """
      status IN ('searching', 'offered', 'unassigned', 'assigned', 'arrived_at_restaurant', 'picked_up', 'arrived_at_customer')
      AND ended_at IS NULL ORDER BY id DESC LIMIT ?
      """, .integer(limit))
  }

  /// Whose deliveries are listed.
  enum Owner: Hashable { case partner(UserID), tenant(TenantID), everybody }

  /// Deliveries, the newest first, or the oldest.
  func list(
    of owner: Owner, status: DeliveryStatus?, order: OrderID? = nil, after cursor: DeliveryID?, limit: Int, oldestFirst: Bool = false
  ) throws -> [DeliveryRow] {
    var conditions: [String] = []
    var arguments: [SQLValue] = []
    switch owner {
    case .partner(let id): conditions.append("partner_id = ?"); arguments.append(.id(id))
    case .tenant(let id): conditions.append("tenant_id = ?"); arguments.append(.id(id))
    case .everybody: conditions.append("id <> ''")
    }
    if let status { conditions.append("status = ?"); arguments.append(.word(status)) }
    if let order { conditions.append("order_id = ?"); arguments.append(.id(order)) }
    if let cursor { conditions.append(oldestFirst ? "id > ?" : "id < ?"); arguments.append(.id(cursor)) }
    let sql = """
      SELECT \(DeliveryRow.columns) FROM delivery_deliveries WHERE \(conditions.joined(separator: " AND "))
      ORDER BY id\(oldestFirst ? "" : " DESC") LIMIT ?
      """
    return try transaction.all(sql, arguments + [.integer(limit)]) { try DeliveryRow($0) }
  }

  private func one(_ condition: String, _ argument: SQLValue) throws -> DeliveryRow? {
    try transaction.first("SELECT \(DeliveryRow.columns) FROM delivery_deliveries WHERE \(condition)", argument) { try DeliveryRow($0) }
  }

  private func many(_ rest: String, _ arguments: SQLValue...) throws -> [DeliveryRow] {
    try transaction.all("SELECT \(DeliveryRow.columns) FROM delivery_deliveries WHERE \(rest)", arguments) { try DeliveryRow($0) }
  }
}
