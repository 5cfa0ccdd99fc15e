import DeliveryAPI
import Kernel
import Messaging
import Observability
import Persistence
import ServiceKit

struct ListOffersHandler {
  let context: DeliveryContext

  func answer(_ request: ListOffers) async throws -> Page<Offer> {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    let now = context.time.now
    return try await context.database.read { transaction in
      guard let offer = try OfferStore(transaction: transaction).open(of: user), offer.expiresAt > now,
        let delivery = try DeliveryStore(transaction: transaction).find(offer.deliveryId)
      else { return Page(items: []) }
      return Page(items: [delivery.offer(offer.id, expiresAt: offer.expiresAt)])
    }
  }
}

struct AcceptOfferHandler {
  let context: DeliveryContext

  func answer(_ request: AcceptOffer) async throws -> Delivery {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    let now = context.time.now
    let code = HandOverCode.make(from: context.ids.random())
    return try await context.write { transaction in
      let offers = OfferStore(transaction: transaction), deliveries = DeliveryStore(transaction: transaction)
      guard let offer = try offers.find(request.offerId), offer.partnerId == user, var delivery = try deliveries.find(offer.deliveryId) else {
        throw OfferRefusal.offerUnknown
      }
      if offer.status == .accepted, delivery.partnerId == user { return delivery }
      // Time decides, not whether the dispatcher has noticed yet.
      guard offer.expiresAt > now, delivery.status == .offered, try offers.end(offer.id, as: .accepted, at: now),
        let partner = try PartnerStore(transaction: transaction).accept(user)
      else { throw OfferRefusal.offerGone }
      delivery.assign(to: user, code: code, at: now)
      guard try deliveries.save(&delivery) else { throw OfferRefusal.offerGone }
      try context.outbox.publish(RiderAssigned(delivery: delivery.notice, partnerName: partner.name), in: transaction)
      try context.tell([partner], in: transaction, now: now)
      context.show(delivery, offer: offer.id, in: transaction, now: now)
      transaction.afterCommit { [measures = context.measures] in measures.accepted.increment() }
      return delivery
    }.view(forPartner: true)
  }
}

struct DeclineOfferHandler {
  let context: DeliveryContext

  func answer(_ request: DeclineOffer) async throws -> Done {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    let now = context.time.now
    return try await context.write { transaction in
      let offers = OfferStore(transaction: transaction)
      guard let offer = try offers.find(request.offerId), offer.partnerId == user else { throw OfferRefusal.offerUnknown }
      if offer.status == .declined { return Done() }
      guard try offers.end(offer.id, as: .declined, at: now, reason: request.reason) else { throw OfferRefusal.offerGone }
      let released = try PartnerStore(transaction: transaction).release([user], counts: true)
      let searched = try DeliveryStore(transaction: transaction).searchAgain([offer.deliveryId], at: now).first
      if let searched { context.leave(offer, of: searched, because: "offer_declined", in: transaction, now: now) }
      try context.tell(released, isNews: released.first?.status == .offline, in: transaction, now: now)
      transaction.afterCommit { [bell = context.bell, measures = context.measures] in
        measures.declined.increment()
        bell.ring()
      }
      return Done()
    }
  }
}

extension DeliveryRow {
  /// Gives it to a partner, with a fresh hand-over code.
  mutating func assign(to partner: UserID, code: String, at now: Instant) {
    status = .assigned
    partnerId = partner
    handOverCode = code
    wrongCodes = 0
    dueAt = nil
    assignedAt = now
    arrivedAtRestaurantAt = nil
    endedAt = nil
    reason = nil
  }
}
