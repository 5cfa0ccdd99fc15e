import DeliveryAPI
import Kernel
import Persistence
import ServiceKit

struct RateDeliveryHandler {
  let context: DeliveryContext

  func answer(_ request: RateDelivery) async throws -> Done {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    let now = context.time.now
    return try await context.write { transaction in
      let deliveries = DeliveryStore(transaction: transaction)
      guard var delivery = try deliveries.find(request.deliveryId), delivery.customerId == user else { throw RateDeliveryRefusal.deliveryUnknown }
      guard delivery.status == .delivered, let partner = delivery.partnerId else { throw RateDeliveryRefusal.notDelivered }
      if let stars = delivery.stars {
        guard stars == request.stars else { throw RateDeliveryRefusal.alreadyRated }
        return Done()
      }
      delivery.stars = request.stars
      guard try deliveries.save(&delivery) else { throw LostRace() }
      if let row = try PartnerStore(transaction: transaction).rate(partner, stars: request.stars) {
        try context.tell([row], isNews: false, in: transaction, now: now)
      }
      return Done()
    }
  }
}
