import CatalogAPI
import Kernel
import Persistence
import ServiceKit
import Wire

/// Lists what a dish has cost.
struct ListItemPricesHandler: Sendable {
  let context: CatalogContext

  func callAsFunction(_ request: ListItemPrices) async throws -> Page<PriceChange> {
    let caller = Caller.current
    var before: Int?
    if let text = request.cursor {
      guard let version = Int(text), version > 0 else { throw InvalidInput([Fault(path: "cursor", message: "is not one of this list")]) }
      before = version
    }
    let prices = try await context.database.readStale { [before] transaction in
      let store = MenuItemStore(transaction)
      guard let owned = try store.find(request.menuItemId), caller.actsFor(owned.tenantID) else { throw CatalogRefusal.itemUnknown }
      return try store.prices(of: request.menuItemId, before: before, limit: request.limit + 1)
    }
    let shown = prices.prefix(request.limit)
    return Page(items: shown.map(\.change), nextCursor: prices.count > request.limit ? shown.last.map { "\($0.version)" } : nil)
  }
}
