import CatalogAPI
import Kernel
import Messaging
import Persistence
import ServiceKit

/// Takes a restaurant off the platform.
struct CloseRestaurantHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: CloseRestaurant) async throws -> Done {
    let caller = Caller.current
    let now = context.time.now
    let (outbox, warm) = (context.outbox, context.warm)
    return try await context.database.write { transaction in
      let store = RestaurantStore(transaction)
      var record = try store.find(request.restaurantId, for: caller)
      guard record.isActive else { return Done() }
      record.isActive = false
      record.version += 1
      record.updatedAt = now
      guard try store.update(record) else { throw CatalogRefusal.stale }
      try outbox.publish(RestaurantUpdated(record), in: transaction)
      transaction.afterCommit { warm.dropRestaurant(request.restaurantId) }
      return Done()
    }
  }
}
