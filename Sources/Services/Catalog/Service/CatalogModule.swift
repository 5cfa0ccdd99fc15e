import CatalogAPI
public import Hosting
import Kernel
public import Messaging
public import Persistence
public import ServiceKit
import Settings

/// Tenants, restaurants, menus: who sells what, where and when.
public struct CatalogModule: ServiceModule {
  public static let name = "catalog"
  public static let calls = ["identity"]
  public static let routes = catalogRoutes
  public static let migrations = catalogMigrations

  private let context: CatalogContext

  public init(_ host: Host) throws {
    let settings = host.settings
    context = CatalogContext(
      database: host.database, switchboard: host.switchboard, outbox: host.outbox, time: host.time, ids: host.ids,
      warm: WarmCatalog(
        WarmCatalog.Spans(
          restaurant: try settings.duration("catalog.restaurantCacheSeconds", default: 300, "how long a restaurant is kept in memory unchanged"),
          menu: try settings.duration("catalog.menuCacheSeconds", default: 900, "how long a menu is kept in memory unchanged"),
          list: try settings.duration("catalog.listCacheSeconds", default: 300, "how long a list of restaurants is kept in memory unchanged")),
        time: host.time, shared: host.shared),
      requiresApproval: try settings.boolean(
        "catalog.requiresApproval", default: false,
        "whether a restaurant that a tenant opens is shown and takes orders only once an administrator has approved it"))
  }

  public var operations: [any HostedOperation] {
    let context = context
    let createItems = CreateMenuItemsHandler(context: context)
    let updateItem = UpdateMenuItemHandler(context: context)
    let updateRestaurant = UpdateRestaurantHandler(context: context)
    return [
      Hosted(CreateTenant.self, CreateTenantHandler(context: context).callAsFunction),
      Hosted(FoundTenant.self, CreateTenantHandler(context: context).found),
      Hosted(ListTenants.self) { request in
        let found = try await context.database.read { try TenantStore($0).list(after: request.cursor, limit: request.limit + 1) }
        return Page(found, upTo: request.limit, cursor: \.id.description)
      },
      Hosted(GetTenant.self, GetTenantHandler(context: context).callAsFunction),
      Hosted(CreateRestaurant.self, CreateRestaurantHandler(context: context).callAsFunction),
      Hosted(UpdateRestaurant.self) { try await updateRestaurant($0) },
      Hosted(SetRestaurantPace.self) { try await updateRestaurant($0) },
      Hosted(CloseRestaurant.self, CloseRestaurantHandler(context: context).callAsFunction),
      Hosted(GetRestaurant.self, ready: GetRestaurantHandler(context: context).ready, GetRestaurantHandler(context: context).callAsFunction),
      Hosted(ListRestaurants.self, ListRestaurantsHandler(context: context).callAsFunction),
      Hosted(ApproveRestaurant.self, ApproveRestaurantHandler(context: context).callAsFunction),
      Hosted(ListWaitingRestaurants.self, ListWaitingRestaurantsHandler(context: context).callAsFunction),
      Hosted(ListMyRestaurants.self, ListMyRestaurantsHandler(context: context).callAsFunction),
      Hosted(CreateCategory.self, CreateCategoryHandler(context: context).callAsFunction),
      Hosted(UpdateCategory.self, UpdateCategoryHandler(context: context).callAsFunction),
      Hosted(DeleteCategory.self, DeleteCategoryHandler(context: context).callAsFunction),
      Hosted(ListCategories.self, ListCategoriesHandler(context: context).callAsFunction),
      Hosted(CreateMenuItem.self) { try await createItems($0) },
      Hosted(CreateMenuItems.self) { try await createItems($0) },
      Hosted(UpdateMenuItem.self) { try await updateItem($0) },
      Hosted(SetItemAvailability.self) { try await updateItem($0) },
      Hosted(DeleteMenuItem.self, DeleteMenuItemHandler(context: context).callAsFunction),
      Hosted(ListMenuItems.self, ListMenuItemsHandler(context: context).callAsFunction),
      Hosted(GetMenuItem.self, GetMenuItemHandler(context: context).callAsFunction),
      Hosted(GetMenu.self, ready: GetMenuHandler(context: context).ready, GetMenuHandler(context: context).callAsFunction),
      Hosted(ListItemPrices.self, ListItemPricesHandler(context: context).callAsFunction),
      Hosted(GetTerms.self, GetTermsHandler(context: context).callAsFunction),
      Hosted(QuoteItems.self, QuoteItemsHandler(context: context).callAsFunction)
    ]
  }

  public var reactions: [Reaction] { whenCatalogChanged(context.warm) + [WhenOrderRated(context: context).reaction] }

  public func recover() async throws { try await context.fillSearch() }

  /// Reads everything anew: a change by another node may have been missed.
  public func mayHaveMissed() { context.warm.forgetAll() }
}
