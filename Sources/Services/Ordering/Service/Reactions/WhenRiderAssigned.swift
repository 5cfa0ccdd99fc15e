import DeliveryAPI
import Messaging
import OrderingAPI
import Persistence
import ServiceKit

/// Shows on an order who brings it.
struct WhenRiderAssigned: Sendable {
  let store: OrderStore
  let journal: OrderJournal

  var reaction: Reaction {
    .inTransaction("WhenRiderAssigned", RiderAssigned.self) { event, envelope, transaction in
      guard let courier = event.delivery.partnerId, var order = try store.find(event.delivery.orderId, in: transaction) else { return }
      let before = order.version
      guard order.give(to: OrderPartner(partnerId: courier, name: event.partnerName), at: envelope.time) else { return }
      try journal.commit(order, before: before, [], in: transaction)
    }
  }
}
