import DeliveryAPI
import Kernel
import Messaging
import Persistence
import Realtime
import ServiceKit

struct AssignDeliveryHandler {
  let context: DeliveryContext

  func answer(_ request: AssignDelivery) async throws -> Delivery {
    let owner = try context.owner(.current)
    let now = context.time.now
    let code = HandOverCode.make(from: context.ids.random())
    return try await context.write { transaction in
      let deliveries = DeliveryStore(transaction: transaction), partners = PartnerStore(transaction: transaction)
      guard var delivery = try deliveries.find(of: request.orderId), delivery.isVisible(to: owner), !owner.isPartner else {
        throw AssignDeliveryRefusal.deliveryUnknown
      }
      if delivery.isRunning, delivery.partnerId == request.partnerId { return delivery }
      guard DeliverySteps.next(after: delivery.status).contains(.assigned),
        try OrderProjection(transaction: transaction).find(request.orderId)?.hasEndedEarly != true
      else { throw AssignDeliveryRefusal.notAssignable }
      guard try partners.find(request.partnerId) != nil else { throw AssignDeliveryRefusal.partnerUnknown }
      try context.withdrawOffer(of: delivery, in: transaction, now: now)
      guard let partner = try partners.move([request.partnerId], from: .available, to: .busy).first else {
        throw AssignDeliveryRefusal.partnerNotFree
      }
      delivery.assign(to: partner.id, code: code, at: now)
      guard try deliveries.save(&delivery) else { throw LostRace() }
      try context.outbox.publish(RiderAssigned(delivery: delivery.notice, partnerName: partner.name), in: transaction)
      try context.tell([partner], in: transaction, now: now)
      context.show(delivery, in: transaction, now: now)
      return delivery
    }.view(forPartner: false)
  }
}

extension DeliveryContext {
  /// Takes an open offer back; the partner it was made to is free again, and told.
  func withdrawOffer(of delivery: DeliveryRow, in transaction: any Transaction, now: Instant) throws {
    let offers = OfferStore(transaction: transaction)
    guard let offer = try offers.open(of: delivery.id), try offers.end(offer.id, as: .withdrawn, at: now) else { return }
    let released = try PartnerStore(transaction: transaction).release([offer.partnerId], counts: false)
    leave(offer, of: delivery, because: "offer_withdrawn", in: transaction, now: now)
    try tell(released, in: transaction, now: now)
  }

  /// Tells the partner that an offer is over, before any other can come.
  func leave(_ offer: OfferKey, of delivery: DeliveryRow, because reason: String, in transaction: any Transaction, now: Instant) {
    var update = delivery.update(offer: offer.id, at: now)
    update.reason = reason
    transaction.afterCommit { [channels, update] in channels.publish("delivery_update", to: "partner:\(offer.partnerId)", update) }
  }
}
