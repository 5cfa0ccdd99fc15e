public import Pages
import ServiceKit
import WebServer

/// The app of who is hungry: restaurants, basket, checkout, and an order on its way.
public struct CustomerWeb: Front {
  public static let name = "customer"
  public static let home = "/"

  public init() {}

  public var pages: [PageRoute] {
    [
      PageRoute(.get, "/") { try await HomePage(request: $0).answer() },
      PageRoute(.post, "/place") { try await HomePage(request: $0).choose() },

      PageRoute(.get, "/restaurants/:restaurantId") { try await RestaurantPage(request: $0).answer() },
      PageRoute(.get, "/restaurants/:restaurantId/items/:menuItemId") { try await DishPage(request: $0).answer() },

      PageRoute(.get, "/basket") { try await BasketPage(request: $0).answer() },
      PageRoute(.post, "/basket/items") { try await BasketPage(request: $0).add() },
      PageRoute(.post, "/basket/items/:lineId") { try await BasketPage(request: $0).change() },
      PageRoute(.post, "/basket/clear") { try await BasketPage(request: $0).clear() },

      PageRoute(.get, "/checkout", access: .signedIn) { try await CheckoutPage(request: $0).answer() },
      PageRoute(.post, "/checkout/price") { try await CheckoutPage(request: $0).price() },
      // Whoever was signed out meanwhile is led to sign in and back, so anyone may come.
      PageRoute(.post, "/checkout", limit: .orders) { try await CheckoutPage(request: $0).place() },

      PageRoute(.get, "/orders", access: .signedIn) { try await OrdersPage(request: $0).answer() },
      PageRoute(.get, "/orders/:orderId", access: .signedIn) { try await OrderPage(request: $0).answer() },
      PageRoute(.post, "/orders/:orderId/again", access: .signedIn) { try await OrdersPage(request: $0).again() },
      PageRoute(.post, "/orders/:orderId/cancel", access: .signedIn) { try await OrderPage(request: $0).cancel() },
      PageRoute(.post, "/orders/:orderId/rating", access: .signedIn) { try await OrderPage(request: $0).rate() },

      PageRoute(.get, "/notifications", access: .signedIn) { try await NotificationsPage(request: $0).answer() },
      PageRoute(.post, "/notifications/:notificationId/read", access: .signedIn) { try await NotificationsPage(request: $0).read() }
    ]
  }
}
