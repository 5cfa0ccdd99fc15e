import CatalogAPI
import Kernel
import OrderingAPI
import ServiceKit
import Testing

@testable import Ordering

@Suite struct CartTests {
  private let browser = Caller(roles: [], cartKey: "browser-key-0123456789")

  @Test(arguments: Switchboard.LocalDelivery.allCases) func anonymousCartIsFilledChangedAndEmptied(delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let catalog = bench.catalog
    _ = try await bench.ask(AddCartItem(restaurantId: catalog.restaurant, menuItemId: catalog.dish, quantity: 2), as: browser)
    _ = try await bench.ask(AddCartItem(restaurantId: catalog.restaurant, menuItemId: catalog.dish), as: browser)
    let cart = try await bench.ask(AddCartItem(restaurantId: catalog.restaurant, menuItemId: catalog.side, specialInstructions: "warm"), as: browser)
    #expect(cart.items.map(\.quantity) == [3, 1] && cart.itemCount == 4 && cart.subtotal == Amount(units: 5000))
    let changed = try await bench.ask(ChangeCartItem(lineId: cart.items[0].lineId, quantity: 1), as: browser)
    #expect(changed.subtotal == Amount(units: 2500))
    let removed = try await bench.ask(RemoveCartItem(lineId: cart.items[0].lineId), as: browser)
    #expect(removed.items.map(\.menuItemId) == [catalog.side])
    #expect(try await bench.ask(GetCart(), as: browser) == removed)
    #expect(try await bench.ask(ClearCart(), as: browser).items.isEmpty)
    #expect(try await bench.rowCounts()["carts"] == 0)
  }

  @Test func oneRestaurantACart() async throws {
    let bench = try await Bench()
    let catalog = bench.catalog
    _ = try await bench.ask(AddCartItem(restaurantId: catalog.restaurant, menuItemId: catalog.dish), as: browser)
    var other = AddCartItem(restaurantId: catalog.otherRestaurant, menuItemId: catalog.otherDish)
    #expect(await bench.refusal(other, as: browser) == "409 cart_other_restaurant")
    other.replace = true
    #expect(try await bench.ask(other, as: browser).items.map(\.menuItemId) == [catalog.otherDish])
  }

  @Test func badInputChangesNothing() async throws {
    let bench = try await Bench()
    let catalog = bench.catalog
    _ = try await bench.ask(AddCartItem(restaurantId: catalog.restaurant, menuItemId: catalog.dish, quantity: 60), as: browser)
    let before = try await bench.ask(GetCart(), as: browser)
    #expect(await bench.refusal(AddCartItem(restaurantId: catalog.restaurant, menuItemId: catalog.otherDish), as: browser) == "422 item_unknown")
    #expect(
      await bench.refusal(AddCartItem(restaurantId: catalog.restaurant, menuItemId: catalog.dish, quantity: 40), as: browser) == "422 cart_full")
    #expect(await bench.refusal(RemoveCartItem(lineId: CartLineID(high: 9, low: 9)), as: browser) == "404 cart_line_unknown")
    #expect(await bench.refusal(ChangeCartItem(lineId: CartLineID(high: 9, low: 9), quantity: 1), as: browser) == "404 cart_line_unknown")
    #expect(await bench.refusal(AddCartItem(restaurantId: catalog.restaurant, menuItemId: catalog.dish), as: .anonymous) == "400 X-Cart-Key")
    #expect(
      await bench.refusal(RemoveCartItem(lineId: before.items[0].lineId), as: Caller(roles: [], cartKey: "another-browser-key"))
        == "404 cart_line_unknown")
    #expect(try await bench.ask(GetCart(), as: browser) == before)
    #expect(try await bench.rowCounts()["carts"] == 1)
  }

  @Test func signingInMergesTheBrowsersCart() async throws {
    let bench = try await Bench()
    let catalog = bench.catalog
    _ = try await bench.ask(AddCartItem(restaurantId: catalog.restaurant, menuItemId: catalog.dish, quantity: 2), as: People.customer)
    _ = try await bench.ask(AddCartItem(restaurantId: catalog.restaurant, menuItemId: catalog.dish), as: browser)
    _ = try await bench.ask(AddCartItem(restaurantId: catalog.restaurant, menuItemId: catalog.side), as: browser)
    var signedIn = People.customer
    signedIn.cartKey = browser.cartKey
    let merged = try await bench.ask(GetCart(), as: signedIn)
    #expect(merged.items.map(\.quantity) == [3, 1])
    #expect(try await bench.ask(GetCart(), as: signedIn) == merged)
    #expect(try await bench.ask(GetCart(), as: browser).items.isEmpty)
    #expect(try await bench.rowCounts()["carts"] == 1)
  }

  @Test func lastChosenRestaurantWinsTheMerge() {
    let (near, far) = (RestaurantID(high: 1, low: 1), RestaurantID(high: 1, low: 2))
    func entry(_ number: UInt64) -> CartEntry {
      CartEntry(lineId: CartLineID(high: 0, low: number), menuItemId: MenuItemID(high: 0, low: number), quantity: 60, optionIds: [])
    }
    var own = CartContents(restaurantId: near, entries: [entry(1)])
    own.absorb(CartContents())
    #expect(own.entries == [entry(1)])
    own.absorb(CartContents(restaurantId: near, entries: [entry(1)]))
    #expect(own.entries.map(\.quantity) == [99])
    own.absorb(CartContents(restaurantId: far, entries: [entry(2)]))
    #expect(own.restaurantId == far && own.entries == [entry(2)])
  }

  @Test func dishThatIsGoneIsMarked() async throws {
    let bench = try await Bench()
    let catalog = bench.catalog
    _ = try await bench.ask(AddCartItem(restaurantId: catalog.restaurant, menuItemId: catalog.dish), as: browser)
    _ = try await bench.ask(AddCartItem(restaurantId: catalog.restaurant, menuItemId: catalog.side), as: browser)
    catalog.state.withLock { $0.isGone = true }
    let cart = try await bench.ask(GetCart(), as: browser)
    #expect(cart.items.map(\.isAvailable) == [false, true] && cart.items[0].problem == "item_unavailable")
    #expect(cart.subtotal == Amount(units: 1250))
  }

  @Test func cartIsOrderedAndEmptiedOnce() async throws {
    let bench = try await Bench()
    let catalog = bench.catalog
    _ = try await bench.ask(AddCartItem(restaurantId: catalog.restaurant, menuItemId: catalog.dish, quantity: 3), as: People.customer)
    var request = bench.request(.pickup, key: "cart")
    request.restaurantId = nil
    request.items = []
    request.fromCart = true
    let order = try await bench.ask(request, as: People.customer)
    #expect(order.items.map(\.quantity) == [3])
    #expect(try await bench.ask(GetCart(), as: People.customer).items.isEmpty)
    // The cart is empty now, but the key remembers.
    #expect(try await bench.ask(request, as: People.customer) == order)
  }
}
