import CatalogAPI
import Kernel
import ServiceKit
import Testing

@testable import Catalog

/// Every operation of the catalogue, asked by a caller of each kind.
@Suite struct AccessTests {
  /// What a kind of caller gets.
  private struct Row {
    var operation: any Operation
    /// anonymous, customer, kitchen of the tenant, manager of the tenant, owner of another tenant, administrator.
    var outcomes: [String]
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func everyCallerGetsItsAnswer(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (tenant, owner) = try await bench.found()
    let (_, stranger) = try await bench.found("Rival")
    let place = try await bench.restaurant(of: owner)
    let (restaurant, category, item) = (place.restaurant.id, place.category.id, place.item.id)
    var create = CatalogBench.request("Second")
    create.tenantId = tenant.id
    let draft = MenuItemDraft(categoryId: category, name: "Marinara", price: Amount(units: 8, scale: 0))
    let staffOnly = { (hidden: String) in ["not_signed_in", "forbidden", "ok", "ok", hidden, "ok"] }
    let managersOnly = { (hidden: String) in ["not_signed_in", "forbidden", "forbidden", "ok", hidden, "ok"] }
    let everybody = Array(repeating: "ok", count: 6)
    let rows = [
      Row(operation: CreateTenant(name: "New"), outcomes: ["not_signed_in", "ok", "has_tenant", "has_tenant", "has_tenant", "ok"]),
      Row(operation: ListTenants(), outcomes: ["not_signed_in", "forbidden", "forbidden", "forbidden", "forbidden", "ok"]),
      Row(
        operation: FoundTenant(tenantId: bench.ids.next(), name: "New", ownerId: bench.ids.next()),
        outcomes: Array(repeating: "forbidden", count: 6)),
      Row(operation: GetTenant(tenantId: tenant.id), outcomes: ["not_signed_in", "forbidden", "ok", "ok", "tenant_mismatch", "ok"]),
      Row(operation: create, outcomes: managersOnly("tenant_mismatch")),
      Row(operation: UpdateRestaurant(restaurantId: restaurant, priceLevel: 2), outcomes: managersOnly("restaurant_unknown")),
      Row(operation: SetRestaurantPace(restaurantId: restaurant, preparationMinutes: 30), outcomes: staffOnly("restaurant_unknown")),
      Row(operation: GetRestaurant(restaurantId: restaurant), outcomes: everybody),
      Row(operation: ListRestaurants(), outcomes: everybody),
      Row(
        operation: ApproveRestaurant(restaurantId: restaurant, approved: true),
        outcomes: ["not_signed_in", "forbidden", "forbidden", "forbidden", "forbidden", "ok"]),
      Row(
        operation: ListWaitingRestaurants(), outcomes: ["not_signed_in", "forbidden", "forbidden", "forbidden", "forbidden", "ok"]),
      Row(operation: ListMyRestaurants(), outcomes: ["not_signed_in", "forbidden", "ok", "ok", "ok", "forbidden"]),
      Row(operation: CreateCategory(restaurantId: restaurant, name: "Pasta"), outcomes: managersOnly("restaurant_unknown")),
      Row(operation: UpdateCategory(categoryId: category, sortOrder: 3), outcomes: managersOnly("category_unknown")),
      Row(operation: ListCategories(restaurantId: restaurant), outcomes: everybody),
      Row(
        operation: CreateMenuItem(restaurantId: restaurant, categoryId: category, name: "Bianca", price: Amount(units: 8, scale: 0)),
        outcomes: managersOnly("restaurant_unknown")),
      Row(operation: CreateMenuItems(restaurantId: restaurant, items: [draft, draft]), outcomes: managersOnly("restaurant_unknown")),
      Row(operation: UpdateMenuItem(menuItemId: item, sortOrder: 4), outcomes: managersOnly("item_unknown")),
      Row(operation: SetItemAvailability(menuItemId: item, isAvailable: true), outcomes: staffOnly("item_unknown")),
      Row(operation: ListMenuItems(restaurantId: restaurant), outcomes: everybody),
      Row(operation: GetMenuItem(menuItemId: item), outcomes: everybody),
      Row(operation: GetMenu(restaurantId: restaurant), outcomes: everybody),
      Row(operation: ListItemPrices(menuItemId: item), outcomes: staffOnly("item_unknown")),
      Row(
        operation: QuoteItems(restaurantId: restaurant, items: [], fulfilment: .pickup),
        outcomes: Array(repeating: "forbidden", count: 6)),
      Row(operation: GetTerms(restaurantIds: [restaurant]), outcomes: Array(repeating: "forbidden", count: 6)),
      Row(operation: DeleteMenuItem(menuItemId: item), outcomes: managersOnly("item_unknown")),
      Row(
        operation: DeleteCategory(categoryId: category),
        outcomes: ["not_signed_in", "forbidden", "forbidden", "category_not_empty", "category_unknown", "category_not_empty"]),
      Row(
        operation: CloseRestaurant(restaurantId: restaurant),
        outcomes: ["not_signed_in", "forbidden", "forbidden", "forbidden", "restaurant_unknown", "ok"])
    ]
    let asked = Set(rows.map { type(of: $0.operation).address })
    #expect(asked == Set(bench.module.operations.map(\.address)), "every operation has its row")
    for row in rows {
      let callers: [(String, Caller)] = [
        ("anonymous", .anonymous), ("customer", bench.customer()), ("kitchen", bench.staff(.kitchenStaff, of: tenant.id)),
        ("manager", bench.staff(.manager, of: tenant.id)), ("stranger", stranger), ("admin", bench.admin)
      ]
      for ((kind, caller), expected) in zip(callers, row.outcomes) {
        let outcome = await bench.outcome(row.operation, as: caller)
        #expect(outcome == expected, "\(type(of: row.operation).address) as \(kind)")
      }
    }
  }

  @Test func routesNameFieldsThatTheirOperationsHave() {
    #expect(CatalogModule.routes.flatMap(\.faults).isEmpty)
    _ = RouteTable(CatalogModule.routes)
  }
}
