import DeliveryAPI
import Messaging
import OrderingAPI
import Persistence
import ServiceKit

/// Lets an order follow its courier: out for delivery once the food is picked up, delivered once it is handed over.
///
/// A delivery that failed with the food on the way ends the order with everything given back; one that failed before leaves a
/// remark, for another courier may still come.
struct WhenDeliveryStatusChanged: Sendable {
  let store: OrderStore
  let journal: OrderJournal

  var reaction: Reaction {
    .inTransaction("WhenDeliveryStatusChanged", DeliveryStatusChanged.self) { event, envelope, transaction in
      let delivery = event.delivery
      guard [.pickedUp, .delivered, .failed].contains(delivery.status), var order = try store.find(delivery.orderId, in: transaction) else {
        return
      }
      let before = order.version
      let mover = Mover(actor: .courier, user: delivery.partnerId, at: envelope.time)
      var changes: [StatusChange]
      switch delivery.status {
      case .pickedUp: changes = order.follow(to: .outForDelivery, by: mover)
      case .delivered: changes = order.follow(to: .delivered, by: mover)
      default: changes = try fail(&order, delivery, mover)
      }
      if !changes.isEmpty { try journal.commit(order, before: before, changes, in: transaction) }
    }
  }

  private func fail(_ order: inout OrderRecord, _ delivery: DeliveryNotice, _ mover: Mover) throws -> [StatusChange] {
    let reason = "delivery_failed" + (delivery.reason.map { ": \($0)" } ?? "")
    if OrderLifecycle.hasEnded(order.status) { return [] }
    if order.status == .outForDelivery { return [try order.move(to: .cancelled, by: mover, reason: reason, policyPercent: 100)] }
    return [order.note(reason, by: mover)]
  }
}
