public import Pages
import ServiceKit
import WebServer

/// The app of a restaurant's staff: the board of orders, what is sold and when, the day's figures and the people.
public struct RestaurantWeb: Front {
  public static let name = "restaurant"
  public static let home = "/restaurant"

  static let staff = Access.roles(Role.staff)
  static let managers = Access.roles(Role.managers)

  public init() {}

  public var pages: [PageRoute] { start + orders + catalogue + people }

  private var start: [PageRoute] {
    [
      PageRoute(.get, "/restaurant", access: .signedIn, StartPage.show),
      PageRoute(.post, "/restaurant", access: .signedIn, StartPage.foundTenant),
      PageRoute(.get, "/restaurant/new", access: Self.managers, FoundingPage.show),
      PageRoute(.post, "/restaurant/new", access: Self.managers, FoundingPage.open)
    ]
  }

  private var orders: [PageRoute] {
    [
      page(.get, "", access: Self.staff, BoardPage.show),
      // What the board's script puts in place of the columns.
      page(.get, "/columns", access: Self.staff, BoardPage.columns),
      page(.post, "/pause", access: Self.staff, BusyForm.send),
      page(.get, "/orders", access: Self.staff, HistoryPage.show),
      page(.get, "/orders/:orderId", access: Self.staff, OrderPage.show),
      page(.post, "/orders/:orderId", access: Self.staff, OrderPage.move),
      page(.get, "/dispatch", access: Self.staff, DispatchPage.show),
      page(.post, "/dispatch", access: Self.staff, DispatchPage.assign),
      page(.get, "/today", access: Self.staff, DayPage.show)
    ]
  }

  private var catalogue: [PageRoute] {
    [
      page(.get, "/availability", access: Self.staff, AvailabilityPage.show),
      page(.post, "/availability", access: Self.staff, AvailabilityPage.change),
      page(.get, "/menu", access: Self.managers, MenuPage.show),
      page(.post, "/menu", access: Self.managers, MenuPage.change),
      page(.get, "/menu/items/:menuItemId", access: Self.managers, ItemPage.show),
      page(.post, "/menu/items/:menuItemId", access: Self.managers, ItemPage.save),
      page(.get, "/hours", access: Self.managers, HoursPage.show),
      page(.post, "/hours", access: Self.managers, HoursPage.save),
      page(.get, "/settings", access: Self.managers, SettingsPage.show),
      page(.post, "/settings", access: Self.managers, SettingsPage.save),
      page(.post, "/closing", access: Self.managers, SettingsPage.close)
    ]
  }

  private var people: [PageRoute] {
    [
      PageRoute(.get, "/restaurant/staff", access: Self.managers, StaffPage.show),
      PageRoute(.post, "/restaurant/staff", access: Self.managers, StaffPage.create),
      PageRoute(.post, "/restaurant/staff/:userId", access: Self.managers, StaffPage.change)
    ]
  }

  /// A page of one restaurant.
  private func page(
    _ method: Method, _ path: String, access: Access, _ handler: @escaping @Sendable (PageRequest) async throws -> WebResponse
  ) -> PageRoute {
    PageRoute(method, "/restaurant/:restaurantId\(path)", access: access, handler)
  }
}
