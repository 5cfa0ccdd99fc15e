import IdentityAPI
import Kernel
import Messaging
import OrderingAPI
import Persistence
import ServiceKit

/// Has a customer's orders forget them: those that have ended soon, those under way once they have.
struct WhenPersonErased: Sendable {
  let database: any Database
  let store: OrderStore
  let carts: CartStore
  let outbox: Outbox
  let time: TimeSource
  private let erased = ErasedCustomerStore()
  private static let batch = 100

  init(database: any Database, store: OrderStore, carts: CartStore, outbox: Outbox, time: TimeSource) {
    self.database = database
    self.store = store
    self.carts = carts
    self.outbox = outbox
    self.time = time
  }

  var reaction: Reaction {
    .inTransaction("WhenPersonErased", PersonErased.self) { [carts, erased] event, _, transaction in
      try carts.remove(.person(event.userId), in: transaction)
      try erased.insert(event.userId, at: event.erasedAt, in: transaction)
    }
  }

  /// One round of the job: the orders of one customer.
  func forget() async throws {
    guard let customer = try await database.read({ [erased] in try erased.first(in: $0) }) else { return }
    var last: OrderID?
    var isUnderWay = false
    while true {
      let after = last
      let seen = try await database.write { [store, outbox] transaction -> [OrderStore.Memory] in
        let seen = try store.memories(of: customer, after: after, limit: Self.batch, in: transaction)
        for order in seen where OrderLifecycle.hasEnded(order.status) && order.remembersCustomer {
          try store.forget(order.id, leaving: order.capture.withoutCustomer, in: transaction)
          try outbox.publish(OrderCustomerErased(orderId: order.id, tenantId: order.tenant), in: transaction)
        }
        return seen
      }
      isUnderWay = isUnderWay || seen.contains { !OrderLifecycle.hasEnded($0.status) }
      last = seen.last?.id
      if seen.count < Self.batch { break }
    }
    let (now, isLater) = (time.now, isUnderWay)
    try await database.write { [erased] transaction in
      if isLater { try erased.postpone(customer, to: now, in: transaction) } else { try erased.delete(customer, in: transaction) }
    }
  }
}
