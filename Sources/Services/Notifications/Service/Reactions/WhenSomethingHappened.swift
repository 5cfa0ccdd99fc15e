import DeliveryAPI
import Kernel
import Messaging
import NotificationsAPI
import OrderingAPI
import PaymentsAPI
import Persistence
import Realtime
import ServiceKit

/// Tells people what happened to their orders: a row and a frame for each, and one event for all.
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
        .inTransaction { envelope in try change(Tellings.of(try envelope.orderNotice())) }),
      telling("WhenOrderWaits", OrderAcceptReminder.self) { event in
        Tellings.reminder(event.order, isEscalation: event.urgency == .escalation, deadline: event.acceptBy)
      },
      telling("WhenPaymentFailed", PaymentFailed.self) { event in Tellings.failed(event.payment) },
      telling("WhenPaymentRefunded", PaymentRefunded.self) { event in Tellings.refunded(event.payment) },
      telling("WhenRiderAssigned", RiderAssigned.self) { event in Tellings.assigned(event.delivery, courier: event.partnerName) },
      telling("WhenDeliveryMoved", DeliveryStatusChanged.self) { event in Tellings.moved(event.delivery) },
      telling("WhenDeliveryUnassigned", DeliveryUnassigned.self) { event in Tellings.unassigned(event.delivery) }
    ]
  }

  private func telling<E: Event>(_ name: String, _ type: E.Type, _ tellings: @escaping @Sendable (E) throws -> [Telling]) -> Reaction {
    Reaction(name, events: [E.name], topics: [E.topic], .inTransaction { try change(tellings($0.event(as: E.self))) })
  }

  /// The rows, event and frames of some tellings, all made before they are written.
  private func change(_ tellings: [Telling]) throws -> Reaction.Kind.Change {
    let prepared = tellings.map { telling in
      let notification = Notification(
        id: ids.next(), kind: telling.kind, title: telling.title, text: telling.text, urgency: telling.urgency, about: "order:\(telling.orderId)",
        orderId: telling.orderId.description, tenantId: telling.audience.tenantId, createdAt: time.now)
      return (
        notification: notification, row: NotificationStore.row(notification, for: telling.audience), channel: telling.audience.channel,
        userId: telling.audience.userId
      )
    }
    let letter = prepared.first.flatMap { first in
      outbox.letter(
        NotificationSend(
          notification: first.notification, userId: first.userId,
          others: prepared.dropFirst().map { NotificationSend.Other(notification: $0.notification, userId: $0.userId) }))
    }
    return { transaction in
      for (notification, row, channel, _) in prepared {
        try NotificationStore(transaction: transaction).add(row)
        transaction.afterCommit { [channels] in channels.publish("notification", to: channel, notification) }
      }
      try outbox.post(letter, in: transaction)
    }
  }
}
