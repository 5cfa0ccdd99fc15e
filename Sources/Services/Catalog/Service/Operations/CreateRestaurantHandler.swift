import CatalogAPI
import Kernel
import Messaging
import Persistence
import ServiceKit
import Wire

/// Opens a restaurant.
struct CreateRestaurantHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: CreateRestaurant) async throws -> Restaurant {
    let details = RestaurantDetails(request)
    var faults = details.faults
    let tenant = request.tenantId ?? Caller.current.tenant
    if tenant == nil { faults.append(Fault(path: "tenantId", message: "is required")) }
    guard let tenant, faults.isEmpty else { throw InvalidInput(faults) }
    let now = context.time.now
    let caller = Caller.current
    let waits = context.requiresApproval && !caller.hasAny(of: Role.administrators) && !caller.has(.system)
    let record = RestaurantRecord(
      id: context.ids.next(), tenantID: tenant, version: 1, isActive: request.isActive, createdAt: now, updatedAt: now, details: details,
      approval: Approval(waitingSince: waits ? now : nil))
    let (outbox, warm) = (context.outbox, context.warm)
    try await context.database.write { transaction in
      guard try TenantStore(transaction).find(tenant) != nil else { throw CatalogRefusal.tenantUnknown }
      try RestaurantStore(transaction).insert(record)
      try outbox.publish(RestaurantUpdated(record), in: transaction)
      transaction.afterCommit { warm.dropRestaurant(record.id) }
    }
    return record.view(record.schedule.state(at: context.time.now))
  }
}

extension RestaurantUpdated {
  init(_ record: RestaurantRecord) {
    self.init(
      restaurantId: record.id, tenantId: record.tenantID, restaurantName: record.details.name, point: record.details.point,
      version: record.version, isActive: record.isActive)
  }
}
