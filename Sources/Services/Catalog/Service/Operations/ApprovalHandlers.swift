import CatalogAPI
import Kernel
import Messaging
import Persistence
import ServiceKit

/// Approves a restaurant, or has it wait.
struct ApproveRestaurantHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: ApproveRestaurant) async throws -> Restaurant {
    let now = context.time.now
    let (outbox, warm) = (context.outbox, context.warm)
    let record = try await context.database.write { transaction -> RestaurantRecord in
      let store = RestaurantStore(transaction)
      guard var record = try store.find(request.restaurantId) else { throw CatalogRefusal.restaurantUnknown }
      let approval = record.approval.given(request.approved, request.note?.nonEmpty, at: now)
      guard approval != record.approval else { return record }
      record.approval = approval
      record.version += 1
      record.updatedAt = now
      guard try store.update(record) else { throw CatalogRefusal.stale }
      try outbox.publish(RestaurantUpdated(record), in: transaction)
      transaction.afterCommit { warm.dropRestaurant(request.restaurantId) }
      return record
    }
    return record.view(record.schedule.state(at: context.time.now))
  }
}

/// Lists those that wait.
struct ListWaitingRestaurantsHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: ListWaitingRestaurants) async throws -> Page<WaitingRestaurant> {
    let found = try await context.database.read { try RestaurantStore($0).waiting(after: request.cursor, limit: request.limit + 1) }
    let now = context.time.now
    let waiting = found.map { record, tenantName in
      WaitingRestaurant(
        restaurant: record.summary(record.schedule.state(at: now), isForManagers: true), tenantName: tenantName,
        waitingSince: record.approval.waitingSince ?? record.createdAt, note: record.approval.note)
    }
    return Page(waiting, upTo: request.limit, cursor: \.restaurant.id.description)
  }
}
