import Caching
import DeliveryAPI
import Kernel
import Messaging
import Persistence
import Realtime
import ServiceKit

/// What every handler, reaction and job of Delivery works with.
struct DeliveryContext: Sendable {
  let database: any Database
  let outbox: Outbox
  let channels: Channels
  let time: TimeSource
  let ids: IdentifierSource
  let settings: DeliverySettings
  let board: PositionBoard
  let bell: Bell
  /// Where other instances have seen partners; nothing where there are none.
  var places: (any Sightings)?
  let measures = DeliveryMeasures()

  /// Writes; what another hand changed between reading and writing is read again and tried anew.
  func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    for _ in 0..<3 {
      do { return try await database.write(body) } catch is LostRace { continue }
    }
    throw Unavailable("too many changes at once", retryAfterSeconds: 1)
  }

  /// Tells of partners who changed: an event where they came, went or got busy, and the board once it is on disk.
  func tell(_ partners: [PartnerRow], isNews: Bool = true, in transaction: any Transaction, now: Instant) throws {
    guard !partners.isEmpty else { return }
    // An offer is over in half a minute; only coming, going and deliveries are news to others.
    if isNews {
      for partner in partners.sorted(by: { $0.id.description < $1.id.description }) {
        try outbox.publish(RiderStatusChanged(partnerId: partner.id, status: partner.status), in: transaction)
      }
    }
    transaction.afterCommit { [board] in
      for partner in partners { board.apply(partner, now: now) }
    }
  }

  /// Tells of a delivery that changed: the event, frames to its partner and to those who follow the order, and the board.
  func tell(_ delivery: DeliveryRow, in transaction: any Transaction, now: Instant) throws {
    try outbox.publish(DeliveryStatusChanged(delivery: delivery.notice), in: transaction)
    show(delivery, in: transaction, now: now)
  }

  /// Frames and board alone.
  ///
  /// - Parameter offer: the offer that ended with it.
  func show(_ delivery: DeliveryRow, offer: OfferID? = nil, in transaction: any Transaction, now: Instant) {
    transaction.afterCommit { [board, channels] in
      if delivery.isRunning { board.follow(delivery) }
      let update = delivery.update(offer: offer, at: now)
      if let partner = delivery.partnerId { channels.publish("delivery_update", to: "partner:\(partner)", update) }
      channels.publish("delivery_update", to: "order:\(delivery.orderId)", update)
    }
  }

  /// Who lists and reads deliveries as what.
  func owner(_ caller: Caller) throws(Denial) -> DeliveryStore.Owner {
    if caller.has(.system) || caller.hasAny(of: Role.administrators) { return .everybody }
    if let tenant = caller.tenant, caller.hasAny(of: Role.staff) { return .tenant(tenant) }
    guard let user = caller.user else { throw .notSignedIn }
    return .partner(user)
  }
}

/// The row was changed by another hand between reading and writing; trying again helps.
struct LostRace: Error {}

extension DeliveryRow {
  func isVisible(to owner: DeliveryStore.Owner) -> Bool {
    switch owner {
    case .everybody: true
    case .tenant(let tenant): tenantId == tenant
    case .partner(let partner): partnerId == partner
    }
  }
}

extension DeliveryStore.Owner {
  var isPartner: Bool { if case .partner = self { true } else { false } }
}
