import DeliveryAPI
import Kernel
import Persistence
import ServiceKit

/// A partner as stored.
struct PartnerRow: Hashable, Sendable {
  var id: UserID
  var name: String
  var vehicle: VehicleType
  var status: PartnerStatus
  var isOnline: Bool
  var record: PartnerRecord
  var version: Int
  var createdAt: Instant

  static let columns = """
    user_id, name, vehicle, status, is_online, rating_sum, rating_count, offers_ended, offers_accepted, deliveries_ended, \
    deliveries_completed, version, created_at
    """

  init(_ row: any Row) throws {
    id = try row.id(0)
    name = row.text(1)
    vehicle = try row.word(2)
    status = try row.word(3)
    isOnline = row.boolean(4)
    record = PartnerRecord(
      ratingSum: row.integer(5), ratingCount: row.integer(6), offersEnded: row.integer(7), offersAccepted: row.integer(8),
      deliveriesEnded: row.integer(9), deliveriesCompleted: row.integer(10))
    version = row.integer(11)
    createdAt = row.instant(12)
  }

  init(id: UserID, name: String, vehicle: VehicleType, status: PartnerStatus, isOnline: Bool, record: PartnerRecord, version: Int, createdAt: Instant)
  {
    self.id = id
    self.name = name
    self.vehicle = vehicle
    self.status = status
    self.isOnline = isOnline
    self.record = record
    self.version = version
    self.createdAt = createdAt
  }

  var view: Partner {
    func rounded(_ value: Double?) -> Double? { value.map { ($0 * 1000).rounded() / 1000 } }
    return Partner(
      id: id, name: name, vehicleType: vehicle, status: status, isOnline: isOnline, rating: rounded(record.rating),
      acceptanceRate: rounded(record.acceptanceRate), completionRate: rounded(record.completionRate),
      totalDeliveries: record.deliveriesCompleted, version: version, createdAt: createdAt)
  }
}

/// Rows of `delivery_partners`.
struct PartnerStore {
  let transaction: any Transaction

  func find(_ id: UserID) throws -> PartnerRow? {
    try transaction.first("SELECT \(PartnerRow.columns) FROM delivery_partners WHERE user_id = ?", .id(id)) { try PartnerRow($0) }
  }

  func find(_ ids: [UserID]) throws -> [PartnerRow] {
    try chunks(ids).flatMap { ids in
      try transaction.all(
        "SELECT \(PartnerRow.columns) FROM delivery_partners WHERE user_id IN (\(transaction.marks(ids.count)))", ids.map { .id($0) }
      ) { try PartnerRow($0) }
    }
  }

  func all(after id: String, limit: Int) throws -> [PartnerRow] {
    try transaction.all(
      "SELECT \(PartnerRow.columns) FROM delivery_partners WHERE user_id > ? ORDER BY user_id LIMIT ?", .text(id), .integer(limit)
    ) { try PartnerRow($0) }
  }

  /// Makes the profile, or changes its vehicle and, where given, its name.
  func register(_ id: UserID, name: String?, _ vehicle: VehicleType, at: Instant) throws -> PartnerRow {
    let row = try transaction.first(
      """
      INSERT INTO delivery_partners (\(PartnerRow.columns)) VALUES (?, ?, ?, 'offline', 0, 0, 0, 0, 0, 0, 0, 1, ?)
      ON CONFLICT (user_id) DO UPDATE SET vehicle = excluded.vehicle, name = COALESCE(?, delivery_partners.name),
        version = delivery_partners.version + 1
      RETURNING \(PartnerRow.columns)
      """, .id(id), .text(name ?? "Courier"), .word(vehicle), .instant(at), .optional(name)
    ) { try PartnerRow($0) }
    guard let row else { throw CorruptRow("no partner after inserting one") }
    return row
  }

  func describe(_ id: UserID, name: String?, _ vehicle: VehicleType?) throws {
    try transaction.run(
      "UPDATE delivery_partners SET name = COALESCE(?, name), vehicle = COALESCE(?, vehicle), version = version + 1 WHERE user_id = ?",
      .optional(name), .word(vehicle), .id(id))
  }

  func setOnline(_ id: UserID, _ isOnline: Bool) throws {
    try transaction.run(
      "UPDATE delivery_partners SET is_online = ?, version = version + 1 WHERE user_id = ? AND is_online <> ?", .boolean(isOnline), .id(id),
      .boolean(isOnline))
  }

  /// Moves those who still are `from`; answers the rows of those who were.
  func move(_ ids: [UserID], from: PartnerStatus, to: PartnerStatus, onlyOnline: Bool = false) throws -> [PartnerRow] {
    try chunks(ids).flatMap { ids in
      try transaction.all(
        """
        UPDATE delivery_partners SET status = ?, version = version + 1
        WHERE user_id IN (\(transaction.marks(ids.count))) AND status = ?\(onlyOnline ? " AND is_online = 1" : "")
        RETURNING \(PartnerRow.columns)
        """, [.word(to)] + ids.map { .id($0) } + [.word(from)]
      ) { try PartnerRow($0) }
    }
  }

  /// An offer was taken: from offered to busy.
  func accept(_ id: UserID) throws -> PartnerRow? {
    try transaction.first(
      """
      UPDATE delivery_partners SET status = 'busy', offers_ended = offers_ended + 1, offers_accepted = offers_accepted + 1, version = version + 1
      WHERE user_id = ? AND status = 'offered' RETURNING \(PartnerRow.columns)
      """, .id(id)
    ) { try PartnerRow($0) }
  }

  /// Offers ended without being taken: back to available, or offline for those who want no more.
  ///
  /// - Parameter counts: whether it was the partners' doing.
  func release(_ ids: [UserID], counts: Bool) throws -> [PartnerRow] {
    try chunks(ids).flatMap { ids in
      try transaction.all(
        """
        UPDATE delivery_partners SET status = CASE WHEN is_online = 1 THEN 'available' ELSE 'offline' END,
          offers_ended = offers_ended + ?, version = version + 1
        WHERE user_id IN (\(transaction.marks(ids.count))) AND status = 'offered' RETURNING \(PartnerRow.columns)
        """, [.integer(counts ? 1 : 0)] + ids.map { .id($0) }
      ) { try PartnerRow($0) }
    }
  }

  /// A delivery ended.
  ///
  /// - Parameter completed: brought to the door or not; `nil` when it was not the partner's doing.
  func finish(_ id: UserID, completed: Bool?) throws -> PartnerRow? {
    try transaction.first(
      """
      UPDATE delivery_partners SET status = CASE WHEN is_online = 1 THEN 'available' ELSE 'offline' END,
        deliveries_ended = deliveries_ended + ?, deliveries_completed = deliveries_completed + ?, version = version + 1
      WHERE user_id = ? AND status = 'busy' RETURNING \(PartnerRow.columns)
      """, .integer(completed == nil ? 0 : 1), .integer(completed == true ? 1 : 0), .id(id)
    ) { try PartnerRow($0) }
  }

  func rate(_ id: UserID, stars: Int) throws -> PartnerRow? {
    try transaction.first(
      """
      UPDATE delivery_partners SET rating_sum = rating_sum + ?, rating_count = rating_count + 1, version = version + 1
      WHERE user_id = ? RETURNING \(PartnerRow.columns)
      """, .integer(stars), .id(id)
    ) { try PartnerRow($0) }
  }

  private func chunks(_ ids: [UserID]) -> [[UserID]] { ids.chunked(by: 400) }
}

extension Array {
  /// Slices small enough for the parameters of one statement.
  func chunked(by size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
