import Messaging
import OrderingAPI
import Persistence
import ServiceKit

/// Writes a change of an order together with the events that tell of it.
struct OrderJournal: Sendable {
  let store: OrderStore
  let outbox: Outbox

  /// - Parameter before: the version of the order before the changes.
  func commit(_ order: OrderRecord, before: Int, _ changes: [StatusChange], in transaction: any Transaction) throws {
    try store.save(order, before: before, changes, in: transaction)
    for (index, change) in changes.enumerated() where change.from != change.status {
      var notice = order.notice(reason: change.reason)
      notice.status = change.status
      notice.version = order.version - (changes.count - 1 - index)
      try publish(notice, in: transaction)
    }
  }

  private func publish(_ notice: OrderNotice, in transaction: any Transaction) throws {
    switch notice.status {
    case .pending: break
    case .confirmed: try outbox.publish(OrderConfirmed(order: notice), in: transaction)
    case .preparing: try outbox.publish(OrderPreparing(order: notice), in: transaction)
    case .readyForPickup: try outbox.publish(OrderReady(order: notice), in: transaction)
    case .outForDelivery: try outbox.publish(OrderPickedUp(order: notice), in: transaction)
    case .delivered: try outbox.publish(OrderDelivered(order: notice), in: transaction)
    case .completed: try outbox.publish(OrderCompleted(order: notice), in: transaction)
    case .rejected: try outbox.publish(OrderRejected(order: notice), in: transaction)
    case .cancelled: try outbox.publish(OrderCancelled(order: notice), in: transaction)
    }
    try outbox.publish(OrderStatusChanged(order: notice), in: transaction)
  }
}
