import CatalogAPI
import Kernel
import OrderingAPI
import Persistence
import ServiceKit

/// Answers `GetRestaurantDay`; the zone of the restaurant is the catalogue's to know.
struct GetRestaurantDayHandler: Sendable {
  let switchboard: Switchboard
  let database: any Database
  let store: OrderStore
  let time: TimeSource

  func callAsFunction(_ request: GetRestaurantDay) async throws -> RestaurantDay {
    let caller = Caller.current
    let found = try await switchboard.callAsSystem(GetTerms(restaurantIds: [request.restaurantId], withClosed: true)).terms
    guard let terms = found.first, caller.actsFor(terms.tenantId) else { throw OrderRefusal.restaurantUnknown }
    let zone = Zone.named(terms.timeZone) ?? .utc
    let day = RestaurantDate(date: request.date ?? zone.local(time.now).date, zone: zone)
    let orders = try await database.readStale { [store] in try store.orders(of: terms, on: day, in: $0) }
    return DayFigures(terms: terms, day: day).figures(of: orders)
  }
}
