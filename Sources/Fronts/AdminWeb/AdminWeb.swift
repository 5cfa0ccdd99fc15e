public import Pages
import ServiceKit
import WebServer

/// The web app of those who run the platform: the live city, dispatch by hand, restaurants, people, money, and how the machines are.
public struct AdminWeb: Front {
  public static let name = "admin"
  public static let home = "/admin"

  public init() {}

  public var pages: [PageRoute] {
    [
      page(.get, "", CityPage.show),

      page(.get, "/dispatch", DispatchPage.show),
      page(.post, "/dispatch/:orderId", DispatchPage.assign),

      page(.get, "/orders", OrdersPage.show),
      page(.get, "/orders/:orderId", OrderPage.show),
      page(.post, "/orders/:orderId/cancel", OrderPage.cancel),
      page(.post, "/orders/:orderId/refund", OrderPage.refund),

      page(.get, "/restaurants", RestaurantsPage.show),
      page(.post, "/restaurants/:restaurantId/approval", RestaurantsPage.decide),
      page(.get, "/tenants", TenantsPage.show),

      page(.get, "/users", UsersPage.show),
      page(.get, "/users/:userId", UserPage.show),
      page(.post, "/users/:userId/status", UserPage.changeStatus),
      page(.post, "/users/:userId/sessions/end", UserPage.endSessions),

      page(.get, "/ledger", LedgerPage.show),
      page(.get, "/audit", AuditPage.show),
      page(.get, "/dead-letters", DeadLettersPage.show),
      page(.post, "/dead-letters/:letterId/replay", DeadLettersPage.replay),
      page(.post, "/dead-letters/:letterId/drop", DeadLettersPage.drop),
      page(.get, "/health", HealthPage.show),
      page(.get, "/settings", SettingsPage.show)
    ]
  }

  /// Every page is for administrators only.
  private func page(_ method: Method, _ path: String, _ handler: @escaping @Sendable (PageRequest) async throws -> WebResponse) -> PageRoute {
    PageRoute(method, "\(Self.home)\(path)", access: .roles(Role.administrators), handler)
  }
}
