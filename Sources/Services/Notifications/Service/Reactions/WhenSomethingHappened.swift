import DeliveryAPI
import Kernel
import Messaging
import NotificationsAPI
import OrderingAPI
import PaymentsAPI
import Persistence
import Realtime
import ServiceKit

/// Tells people what happened to their orders: one row, one event and one frame for each.
struct WhenSomethingHappened: Sendable {
  let outbox: Outbox
  let channels: Channels
  let time: TimeSource
  let ids: IdentifierSource

  private static let orderEvents: Set<String> = [
    OrderCreated.name, OrderConfirmed.name, OrderReady.name, OrderPickedUp.name, OrderDelivered.name, OrderCompleted.name, OrderRejected.name,
    OrderCancelled.name
  ]

  var reactions: [Reaction] {
    [
      Reaction(
        "WhenOrderMoved", events: Self.orderEvents,
        .inTransaction { envelope, transaction in
          try tell(Tellings.of(try envelope.orderNotice()), in: transaction)
        }),
      .inTransaction("WhenOrderWaits", OrderAcceptReminder.self) { event, _, transaction in
        try tell(Tellings.reminder(event.order, isEscalation: event.urgency == .escalation, deadline: event.acceptBy), in: transaction)
      },
      .inTransaction("WhenPaymentFailed", PaymentFailed.self) { event, _, transaction in try tell(Tellings.failed(event.payment), in: transaction) },
      .inTransaction("WhenPaymentRefunded", PaymentRefunded.self) { event, _, transaction in
        try tell(Tellings.refunded(event.payment), in: transaction)
      },
      .inTransaction("WhenRiderAssigned", RiderAssigned.self) { event, _, transaction in
        try tell(Tellings.assigned(event.delivery, courier: event.partnerName), in: transaction)
      },
      .inTransaction("WhenDeliveryMoved", DeliveryStatusChanged.self) { event, _, transaction in
        try tell(Tellings.moved(event.delivery), in: transaction)
      },
      .inTransaction("WhenDeliveryUnassigned", DeliveryUnassigned.self) { event, _, transaction in
        try tell(Tellings.unassigned(event.delivery), in: transaction)
      }
    ]
  }

  private func tell(_ tellings: [Telling], in transaction: any Transaction) throws {
    for telling in tellings {
      let notification = Notification(
        id: ids.next(), kind: telling.kind, title: telling.title, text: telling.text, urgency: telling.urgency, about: "order:\(telling.orderId)",
        orderId: telling.orderId.description, tenantId: telling.audience.tenantId, createdAt: time.now)
      try NotificationStore(transaction: transaction).add(notification, for: telling.audience)
      try outbox.publish(NotificationSend(notification: notification, userId: telling.audience.userId), in: transaction)
      let channel = telling.audience.channel
      transaction.afterCommit { [channels] in channels.publish("notification", to: channel, notification) }
    }
  }
}
