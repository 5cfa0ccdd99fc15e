import Kernel
import OrderingAPI
import Persistence
import ServiceKit

/// Answers `ListOrders`.
struct ListOrdersHandler: Sendable {
  let database: any Database
  let store: OrderStore

  func callAsFunction(_ request: ListOrders) async throws -> Page<Order> {
    let caller = Caller.current
    var filter = OrderStore.Filter(
      restaurant: request.restaurantId, status: request.status, before: request.cursor, limit: request.limit + 1)
    if !request.mine, caller.hasAny(of: Role.administrators) || caller.has(.system) {
      // Everything.
    } else if !request.mine, let tenant = caller.tenant, caller.hasAny(of: Role.staff) {
      filter.tenant = tenant
    } else if let user = caller.user {
      filter.customer = user
    } else {
      throw Denial.notSignedIn
    }
    let found = try await database.read { [filter] in try store.list(filter, in: $0) }
    return Page(found, upTo: request.limit, cursor: \.id.description)
  }
}
