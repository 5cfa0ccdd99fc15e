import Kernel
import Messaging
import OrderingAPI
import Persistence
import ServiceKit

/// Reminds restaurants of orders they have not answered, escalates, and at last cancels with everything given back.
struct AcceptDeadlineJob: Sendable {
  /// How many orders one write takes on, so that no write lasts long.
  static let batch = 50

  let database: any Database
  let store: OrderStore
  let journal: OrderJournal
  let outbox: Outbox
  let deadline: AcceptDeadline
  let time: TimeSource

  func run() async throws {
    let now = time.now
    while try await database.read({ try store.hasDue(at: now, in: $0) }) {
      try await database.write { transaction in
        for (order, stage) in try store.due(at: now, limit: Self.batch, in: transaction) {
          try advance(order, stage, now, in: transaction)
        }
      }
      try Task.checkCancellation()
    }
  }

  private func advance(_ order: OrderRecord, _ stage: AcceptDeadline.Stage, _ now: Instant, in transaction: any Transaction) throws {
    let end = order.acceptBy ?? now
    switch stage {
    case .remind:
      try outbox.publish(OrderAcceptReminder(order: order.notice(), urgency: .reminder, acceptBy: end), in: transaction)
      try store.schedule(.escalate, at: deadline.due(.escalate, end: end), of: order.id, in: transaction)
    case .escalate:
      try outbox.publish(OrderAcceptReminder(order: order.notice(), urgency: .escalation, acceptBy: end), in: transaction)
      try store.schedule(.cancel, at: end, of: order.id, in: transaction)
    case .cancel:
      var cancelled = order
      let change = try cancelled.move(
        to: .cancelled, by: Mover(actor: .system, at: now), reason: "restaurant_did_not_answer", policyPercent: 100)
      try journal.commit(cancelled, before: order.version, [change], in: transaction)
    }
  }
}
