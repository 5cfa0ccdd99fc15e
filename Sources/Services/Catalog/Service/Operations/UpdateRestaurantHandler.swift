import CatalogAPI
import Kernel
import Messaging
import Persistence
import ServiceKit
import Wire

/// Changes a restaurant, once per version.
struct UpdateRestaurantHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: SetRestaurantPace) async throws -> Restaurant {
    try await self(
      UpdateRestaurant(
        restaurantId: request.restaurantId, version: request.version, preparationMinutes: request.preparationMinutes,
        pausedUntil: request.pausedUntil, isPaused: request.isPaused))
  }

  func callAsFunction(_ request: UpdateRestaurant) async throws -> Restaurant {
    let caller = Caller.current
    let now = context.time.now
    let (outbox, warm) = (context.outbox, context.warm)
    let record = try await context.database.write { transaction -> RestaurantRecord in
      let store = RestaurantStore(transaction)
      var record = try store.find(request.restaurantId, for: caller)
      var faults: [Fault] = []
      if let currency = request.currency, currency != record.details.currency {
        faults.append(Fault(path: "currency", message: "cannot change: the menu is priced in \(record.details.currency)"))
      }
      if request.isPaused == true, request.pausedUntil == nil { faults.append(Fault(path: "pausedUntil", message: "is required")) }
      let details = record.details.changed(by: request)
      if request.hasOwnDeliveryFee == true, details.deliveryFee == nil { faults.append(Fault(path: "deliveryFee", message: "is required")) }
      faults += details.faults
      try faults.throwIfAny()
      if let version = request.version, version != record.version { throw CatalogRefusal.stale }
      record.version += 1
      record.details = details
      record.isActive = request.isActive ?? record.isActive
      record.updatedAt = now
      guard try store.update(record) else { throw CatalogRefusal.stale }
      try outbox.publish(RestaurantUpdated(record), in: transaction)
      transaction.afterCommit { warm.dropRestaurant(request.restaurantId) }
      return record
    }
    return record.view(record.schedule.state(at: context.time.now))
  }
}
