import DeliveryAPI
import Kernel
import Messaging
import OrderingAPI
import Persistence
import ServiceKit

/// Notes how orders move, and makes, starts or ends their deliveries.
struct WhenOrderMoved: Sendable {
  let context: DeliveryContext

  var reaction: Reaction {
    Reaction(
      "WhenOrderMoved",
      events: [
        OrderCreated.name, OrderConfirmed.name, OrderPreparing.name, OrderReady.name, OrderPickedUp.name, OrderDelivered.name,
        OrderCompleted.name, OrderRejected.name, OrderCancelled.name
      ],
      .inTransaction { envelope in
        let order = try envelope.orderNotice()
        return { try hear(order, at: envelope.time, in: $0) }
      })
  }

  func hear(_ order: OrderNotice, at: Instant, in transaction: any Transaction) throws {
    guard try OrderProjection(transaction: transaction).hear(order, at: at) else { return }
    let now = context.time.now
    switch order.status {
    case .confirmed, .preparing, .readyForPickup: try want(order, in: transaction, now: now)
    case .cancelled, .rejected: try cancel(order, in: transaction, now: now)
    case .pending, .outForDelivery, .delivered, .completed: break
    }
  }

  /// Makes the delivery if there is none; once the kitchen works, the search begins at the latest.
  private func want(_ order: OrderNotice, in transaction: any Transaction, now: Instant) throws {
    let deliveries = DeliveryStore(transaction: transaction)
    // Once the food is ready the search begins at the latest; once the kitchen works too, unless it is trusted to know when it will be.
    let mayWait = order.status == .confirmed || (order.status == .preparing && order.readyAt != nil && context.settings.trustsKitchen)
    let start = mayWait ? context.settings.rules.start(readyAt: order.readyAt, now: now) : now
    guard var delivery = try deliveries.find(of: order.orderId) else {
      guard let delivery = DeliveryRow(context.ids.next(), order, pay: context.settings.pay, dueAt: start, now: now) else { return }
      _ = try deliveries.add(delivery)
      if start <= now { transaction.afterCommit { [bell = context.bell] in bell.ring() } }
      return
    }
    guard !delivery.hasEnded else { return }
    let isEarlier = delivery.status == .searching && delivery.dueAt.map { start < $0 } ?? false
    guard isEarlier || (order.readyAt != nil && order.readyAt != delivery.readyAt) else { return }
    if isEarlier { delivery.dueAt = start }
    delivery.readyAt = order.readyAt ?? delivery.readyAt
    guard try deliveries.save(&delivery) else { throw LostRace() }
    transaction.afterCommit { [board = context.board, bell = context.bell, delivery] in
      if delivery.isRunning { board.follow(delivery) }
      if isEarlier { bell.ring() }
    }
  }

  private func cancel(_ order: OrderNotice, in transaction: any Transaction, now: Instant) throws {
    let deliveries = DeliveryStore(transaction: transaction)
    guard var delivery = try deliveries.find(of: order.orderId), !delivery.hasEnded else { return }
    try context.withdrawOffer(of: delivery, in: transaction, now: now)
    let partner = delivery.isRunning ? delivery.partnerId : nil
    delivery.make(.cancelled, reason: order.reason ?? "order_\(order.status.rawValue)", at: now)
    guard try deliveries.save(&delivery) else { throw LostRace() }
    try context.tell(delivery, in: transaction, now: now)
    guard let partner, let freed = try PartnerStore(transaction: transaction).finish(partner, completed: nil) else { return }
    try context.tell([freed], in: transaction, now: now)
  }
}
