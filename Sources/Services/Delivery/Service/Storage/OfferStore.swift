import DeliveryAPI
import Kernel
import Persistence
import ServiceKit

/// How an offer stands.
enum OfferStatus: String, CaseIterable, Hashable, Sendable {
  case open, accepted, declined, timeout
  /// The delivery was cancelled or given to somebody by hand.
  case withdrawn
}

/// An offer as stored.
struct OfferRow: Hashable, Sendable {
  var id: OfferID
  var deliveryId: DeliveryID
  var partnerId: UserID
  var round: Int
  var status: OfferStatus
  var score: CandidateScore
  var distanceMeters: Int
  var offeredAt: Instant
  var expiresAt: Instant
}

/// Who an offer was made to and for what.
struct OfferKey: Hashable, Sendable {
  var id: OfferID
  var deliveryId: DeliveryID
  var partnerId: UserID
  var status: OfferStatus
  var expiresAt: Instant

  static let columns = "id, delivery_id, partner_id, status, expires_at"

  init(_ row: any Row) throws {
    id = try row.id(0)
    deliveryId = try row.id(1)
    partnerId = try row.id(2)
    status = try row.word(3)
    expiresAt = row.instant(4)
  }
}

/// Somebody let an offer pass.
struct PassedOffer: Hashable, Sendable {
  var partner: UserID
  var round: Int
  var at: Instant
}

/// Rows of `delivery_offers`.
struct OfferStore {
  let transaction: any Transaction

  func add(_ offers: [OfferRow]) throws {
    for offers in offers.chunked(by: 50) {
      let row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
      try transaction.run(
        """
        INSERT INTO delivery_offers (id, delivery_id, partner_id, round, status, score, score_distance, score_rating, score_acceptance,
          score_completion, distance_meters, offered_at, expires_at)
        VALUES \(Array(repeating: row, count: offers.count).joined(separator: ", "))
        """,
        offers.flatMap { offer -> [SQLValue] in
          [
            .id(offer.id), .id(offer.deliveryId), .id(offer.partnerId), .integer(offer.round), .word(offer.status), .real(offer.score.total),
            .real(offer.score.distance), .real(offer.score.rating), .real(offer.score.acceptance), .real(offer.score.completion),
            .integer(offer.distanceMeters), .instant(offer.offeredAt), .instant(offer.expiresAt)
          ]
        })
    }
  }

  func find(_ id: OfferID) throws -> OfferKey? {
    try transaction.first("SELECT \(OfferKey.columns) FROM delivery_offers WHERE id = ?", .id(id)) { try OfferKey($0) }
  }

  func open(of partner: UserID) throws -> OfferKey? {
    try transaction.first("SELECT \(OfferKey.columns) FROM delivery_offers WHERE partner_id = ? AND status = 'open'", .id(partner)) {
      try OfferKey($0)
    }
  }

  func open(of delivery: DeliveryID) throws -> OfferKey? {
    try transaction.first("SELECT \(OfferKey.columns) FROM delivery_offers WHERE delivery_id = ? AND status = 'open'", .id(delivery)) {
      try OfferKey($0)
    }
  }

  /// Ends an open offer; answers whether it still was open.
  func end(_ id: OfferID, as status: OfferStatus, at now: Instant, reason: String? = nil) throws -> Bool {
    try transaction.run(
      "UPDATE delivery_offers SET status = ?, ended_at = ?, reason = ? WHERE id = ? AND status = 'open'", .word(status), .instant(now),
      .optional(reason), .id(id)) == 1
  }

  func hasExpired(at now: Instant) throws -> Bool {
    try transaction.first("SELECT 1 FROM delivery_offers WHERE status = 'open' AND expires_at <= ? LIMIT 1", .instant(now)) { _ in true } ?? false
  }

  /// Ends all open offers whose time is up.
  func expire(at now: Instant) throws -> [OfferKey] {
    try transaction.all(
      "UPDATE delivery_offers SET status = 'timeout', ended_at = ? WHERE status = 'open' AND expires_at <= ? RETURNING \(OfferKey.columns)",
      .instant(now), .instant(now)
    ) { try OfferKey($0) }.sorted { $0.id.description < $1.id.description }
  }

  /// Who let these deliveries pass, with the round.
  func passed(_ deliveries: [DeliveryID]) throws -> [DeliveryID: [PassedOffer]] {
    var passed: [DeliveryID: [PassedOffer]] = [:]
    for ids in deliveries.chunked(by: 400) {
      try transaction.rows(
        """
        SELECT delivery_id, partner_id, round, ended_at FROM delivery_offers
        WHERE delivery_id IN (\(transaction.marks(ids.count))) AND status IN ('declined', 'timeout')
        """, ids.map { .id($0) }
      ) { row in passed[try row.id(0), default: []].append(PassedOffer(partner: try row.id(1), round: row.integer(2), at: row.instant(3))) }
    }
    return passed
  }
}
