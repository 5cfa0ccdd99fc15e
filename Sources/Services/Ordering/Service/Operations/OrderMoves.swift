import OrderingAPI
import Persistence
import ServiceKit

/// Moves an order for a caller: what `UpdateOrderStatus` and `CancelOrder` have in common.
struct OrderMoves: Sendable {
  let database: any Database
  let store: OrderStore
  let journal: OrderJournal
  let time: TimeSource
  let policyPercent: Int

  /// - Parameter version: what the caller saw; another by now refuses the move.
  func move(
    _ id: OrderID, to next: OrderStatus, reason: String?, readyInMinutes: Int? = nil, version: Int?
  ) async throws -> Order {
    let caller = Caller.current
    let now = time.now
    return try await database.write { transaction in
      guard var order = try store.find(id, in: transaction), order.isVisible(to: caller) else { throw OrderRefusal.unknown }
      let actor = order.actor(of: caller)
      if let version, version != order.version { throw OrderRefusal.stale(current: order.version) }
      // Couriers move orders by the steps of their delivery, where the hand-over code is asked for.
      if actor == .courier { throw OrderRefusal.notYours(from: order.status, to: next) }
      let before = order.version
      let change = try order.move(
        to: next, by: Mover(actor: actor, user: caller.user, at: now), reason: reason, readyInMinutes: readyInMinutes,
        policyPercent: policyPercent)
      try journal.commit(order, before: before, [change], in: transaction)
      return try store.order(order, in: transaction)
    }
  }
}
