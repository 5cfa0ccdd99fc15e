import DeliveryAPI
import Kernel
import Persistence
import ServiceKit

struct RegisterPartnerHandler {
  let context: DeliveryContext

  func answer(_ request: RegisterPartner) async throws -> Partner {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    let now = context.time.now
    return try await context.write { transaction in
      let row = try PartnerStore(transaction: transaction).register(user, name: request.name, request.vehicleType, at: now)
      try context.tell([row], isNews: false, in: transaction, now: now)
      return row
    }.view
  }
}

struct GetPartnerHandler {
  let context: DeliveryContext

  func answer(_ request: GetPartner) async throws -> Partner {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    guard let row = try await context.database.read({ try PartnerStore(transaction: $0).find(user) }) else { throw PartnerRefusal.partnerUnknown }
    return row.view
  }
}

struct UpdatePartnerHandler {
  let context: DeliveryContext

  func answer(_ request: UpdatePartner) async throws -> Partner {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    if let status = request.status, status != .available, status != .offline { throw PartnerRefusal.statusNotYours }
    let now = context.time.now
    return try await context.write { transaction in
      let partners = PartnerStore(transaction: transaction)
      guard let before = try partners.find(user) else { throw PartnerRefusal.partnerUnknown }
      if request.name != nil || request.vehicleType != nil { try partners.describe(user, name: request.name, request.vehicleType) }
      switch request.status {
      case .available:
        try partners.setOnline(user, true)
        _ = try partners.move([user], from: .offline, to: .available)
      case .offline:
        try partners.setOnline(user, false)
        if before.status == .offered { try leaveOffer(of: user, in: transaction, now: now) }
        _ = try partners.move([user], from: .available, to: .offline)
      default: break
      }
      guard let after = try partners.find(user) else { throw LostRace() }
      try context.tell([after], isNews: after.status != before.status, in: transaction, now: now)
      return after
    }.view
  }

  private func leaveOffer(of user: UserID, in transaction: any Transaction, now: Instant) throws {
    let offers = OfferStore(transaction: transaction)
    guard let offer = try offers.open(of: user), try offers.end(offer.id, as: .declined, at: now, reason: "went offline") else { return }
    _ = try PartnerStore(transaction: transaction).release([user], counts: true)
    let searched = try DeliveryStore(transaction: transaction).searchAgain([offer.deliveryId], at: now).first
    if let searched { context.leave(offer, of: searched, because: "offer_declined", in: transaction, now: now) }
    transaction.afterCommit { [bell = context.bell] in bell.ring() }
  }
}
