import Messaging
import OrderingAPI
import PaymentsAPI
import Persistence
import ServiceKit
import Wire

/// Shows on an order where its money stands.
struct WhenPaymentMoved: Sendable {
  let store: OrderStore
  let journal: OrderJournal

  var reaction: Reaction {
    Reaction(
      "WhenPaymentMoved", events: [PaymentSucceeded.name, PaymentFailed.name, PaymentVoided.name, PaymentRefunded.name],
      .inTransaction { envelope in
        let told = try envelope.payload.decoded(as: PaymentTold.self).payment
        return { transaction in
          guard let status = OrderPaymentStatus(rawValue: told.status.rawValue), var order = try store.find(told.orderId, in: transaction)
          else { return }
          let before = order.version
          guard order.pay(status, at: envelope.time) else { return }
          try journal.commit(order, before: before, [], in: transaction)
        }
      })
  }
}

/// What every event of a payment carries.
@Wire struct PaymentTold: Hashable, Sendable {
  var payment: PaymentNotice
}
