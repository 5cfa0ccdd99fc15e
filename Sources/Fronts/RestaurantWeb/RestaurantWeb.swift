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
      PageRoute(.get, "/restaurant/:restaurantId", access: Self.staff, BoardPage.show),
      // What the board's script puts in place of the columns.
      PageRoute(.get, "/restaurant/:restaurantId/columns", access: Self.staff, BoardPage.columns),
      PageRoute(.post, "/restaurant/:restaurantId/pause", access: Self.staff, BusyForm.send),
      PageRoute(.get, "/restaurant/:restaurantId/orders", access: Self.staff, HistoryPage.show),
      PageRoute(.get, "/restaurant/:restaurantId/orders/:orderId", access: Self.staff, OrderPage.show),
      PageRoute(.post, "/restaurant/:restaurantId/orders/:orderId", access: Self.staff, OrderPage.move),
      PageRoute(.get, "/restaurant/:restaurantId/dispatch", access: Self.staff, DispatchPage.show),
      PageRoute(.post, "/restaurant/:restaurantId/dispatch", access: Self.staff, DispatchPage.assign),
      PageRoute(.get, "/restaurant/:restaurantId/today", access: Self.staff, DayPage.show)
    ]
  }

  private var catalogue: [PageRoute] {
    [
      PageRoute(.get, "/restaurant/:restaurantId/availability", access: Self.staff, AvailabilityPage.show),
      PageRoute(.post, "/restaurant/:restaurantId/availability", access: Self.staff, AvailabilityPage.change),
      PageRoute(.get, "/restaurant/:restaurantId/menu", access: Self.managers, MenuPage.show),
      PageRoute(.post, "/restaurant/:restaurantId/menu", access: Self.managers, MenuPage.change),
      PageRoute(.get, "/restaurant/:restaurantId/menu/items/:menuItemId", access: Self.managers, ItemPage.show),
      PageRoute(.post, "/restaurant/:restaurantId/menu/items/:menuItemId", access: Self.managers, ItemPage.save),
      PageRoute(.get, "/restaurant/:restaurantId/hours", access: Self.managers, HoursPage.show),
      PageRoute(.post, "/restaurant/:restaurantId/hours", access: Self.managers, HoursPage.save),
      PageRoute(.get, "/restaurant/:restaurantId/settings", access: Self.managers, SettingsPage.show),
      PageRoute(.post, "/restaurant/:restaurantId/settings", access: Self.managers, SettingsPage.save),
      PageRoute(.post, "/restaurant/:restaurantId/closing", access: Self.managers, SettingsPage.close)
    ]
  }

  private var people: [PageRoute] {
    [
      PageRoute(.get, "/restaurant/staff", access: Self.managers, StaffPage.show),
      PageRoute(.post, "/restaurant/staff", access: Self.managers, StaffPage.create),
      PageRoute(.post, "/restaurant/staff/:userId", access: Self.managers, StaffPage.change)
    ]
  }
}
