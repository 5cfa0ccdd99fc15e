import CatalogAPI
import Kernel
import Persistence
import ServiceKit
import Wire

/// Lists the restaurants of the caller's tenant.
struct ListMyRestaurantsHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: ListMyRestaurants) async throws -> Page<RestaurantSummary> {
    guard let tenant = Caller.current.tenant else { return Page(items: []) }
    var cursor: RestaurantID?
    if let text = request.cursor {
      guard let id = RestaurantID(text) else { throw InvalidInput([Fault(path: "cursor", message: "is not one of this list")]) }
      cursor = id
    }
    let records = try await context.database.read { [cursor] transaction in
      try RestaurantStore(transaction).byName(tenant: tenant, listedOnly: false, after: cursor, limit: request.limit + 1)
    }
    let now = context.time.now
    return Page(records.map { $0.summary($0.schedule.state(at: now), isForManagers: true) }, upTo: request.limit, cursor: \.id.description)
  }
}
