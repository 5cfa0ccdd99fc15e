import CatalogAPI
import Kernel
import OrderingAPI
import PricingAPI
import ServiceKit
import TestKit
import Testing

@testable import Ordering

private func instant(_ text: String) -> Instant {
  var text = text
  return text.withUTF8 { Instant(utf8: $0)! }
}

@Suite struct DayFiguresTests {
  private static let catalog = FakeCatalog()
  private static let newYork = Zone.named("America/New_York")!
  private static let day = RestaurantDate(date: LocalDate(2026, 3, 8), zone: newYork)

  private func order(_ status: OrderStatus, _ time: String, items: [(MenuItemID, Int, Int)] = [], minutes: [Int?] = [nil, nil, nil]) -> DayOrder {
    let subtotal = items.reduce(0) { $0 + $1.1 * $1.2 }
    func amount(_ units: Int) -> Amount { Amount(units: units) }
    let placed = instant(time)
    return DayOrder(
      status: status, placedAt: placed,
      capture: OrderCapture(
        restaurantName: "Tiffin House", restaurantAddress: "2 Side Street", restaurantPoint: GeoPoint(latitude: 0, longitude: 0),
        preparationMinutes: 10, travelMinutes: 5,
        items: items.map { QuotedItem(menuItemId: $0.0, name: "Dish \($0.0.low)", quantity: $0.1, unitPrice: amount($0.2)) },
        price: PriceBreakdown(
          currency: .usd, subtotal: amount(subtotal), deliveryFee: amount(100), discount: amount(0), tax: amount(10), tip: amount(5),
          total: amount(subtotal + 115))),
      confirmedAt: minutes[0].map { placed + .seconds($0 * 60) }, readyAt: minutes[1].map { placed + .seconds($0 * 60) },
      deliveredAt: minutes[2].map { placed + .seconds($0 * 60) })
  }

  @Test func aDayWithoutOrdersIsAllZero() {
    let figures = DayFigures(terms: Self.catalog.terms(Self.catalog.restaurant), day: Self.day).figures(of: [])
    #expect(figures.placed == 0 && figures.total.description == "0.00" && figures.topItems.isEmpty && figures.preparationMinutes == nil)
    #expect(figures.placedByHour == Array(repeating: 0, count: 24) && figures.timeZone == "America/New_York" && figures.doorMinutes == nil)
  }

  @Test func theFiguresAreThoseOfACountByHand() {
    let (soup, stew) = (MenuItemID(high: 9, low: 1), MenuItemID(high: 9, low: 2))
    let figures = DayFigures(terms: Self.catalog.terms(Self.catalog.restaurant), day: Self.day).figures(of: [
      order(.delivered, "2026-03-08T05:30:00Z", items: [(soup, 2, 500), (stew, 1, 900)], minutes: [2, 12, 40]),
      // The clock has gone on an hour meanwhile: half past nine by the wall.
      order(.completed, "2026-03-08T13:30:00Z", items: [(stew, 3, 800)], minutes: [1, 16, nil]),
      order(.preparing, "2026-03-08T13:45:00Z", items: [(soup, 9, 500)], minutes: [5, nil, nil]),
      order(.rejected, "2026-03-08T23:10:00Z", items: [(soup, 9, 500)]), order(.cancelled, "2026-03-09T03:59:00Z", items: [(soup, 9, 500)])
    ])
    #expect([figures.placed, figures.open, figures.served, figures.rejected, figures.cancelled] == [5, 1, 2, 1, 1])
    #expect(
      [figures.subtotal, figures.deliveryFees, figures.tax, figures.discounts, figures.tips, figures.total].map(\.description)
        == ["43.00", "2.00", "0.20", "0.00", "0.10", "45.30"])
    #expect(figures.preparationMinutes == 12.5 && figures.doorMinutes == 40)
    #expect(figures.topItems.map(\.quantity) == [4, 2] && figures.topItems.map(\.revenue.description) == ["33.00", "10.00"])
    var hours = Array(repeating: 0, count: 24)
    (hours[0], hours[9], hours[19], hours[23]) = (1, 2, 1, 1)
    #expect(figures.placedByHour == hours)
  }

  @Test func tenDishesAreShownAtMost() {
    let items = (1...12).map { (MenuItemID(high: 9, low: UInt64($0)), $0 % 6 + 1, 100 * $0) }
    let figures = DayFigures(terms: Self.catalog.terms(Self.catalog.restaurant), day: Self.day)
      .figures(of: [order(.completed, "2026-03-08T15:00:00Z", items: items)])
    #expect(figures.topItems.map(\.name) == ["Dish 11", "Dish 5", "Dish 10", "Dish 4", "Dish 9", "Dish 3", "Dish 8", "Dish 2", "Dish 7", "Dish 1"])
  }

  @Test(arguments: [
    ("America/New_York", LocalDate(2026, 3, 8), "2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z"),
    ("Asia/Kolkata", LocalDate(2026, 1, 5), "2026-01-04T18:30:00.000Z", "2026-01-05T18:30:00.000Z"),
    ("America/Havana", LocalDate(2026, 3, 8), "2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z"),
    ("UTC", LocalDate(1, 1, 1), "0001-01-01T00:00:00.000Z", "0001-01-02T00:00:00.000Z")
  ])
  func aDayEndsAtTheNextMidnightOfTheWall(_ zone: String, _ date: LocalDate, _ start: String, _ end: String) {
    let day = RestaurantDate(date: date, zone: Zone.named(zone)!)
    #expect([day.start.description, day.end.description] == [start, end])
  }
}

@Suite struct RestaurantDayTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases) func ordersCountOnTheDayOfTheirRestaurant(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let restaurant = bench.catalog.restaurant
    // Five in the morning in New York.
    let first = try await bench.ask(bench.request(.pickup), as: People.customer)
    await bench.time.advance(by: .seconds(60))
    try await bench.advance(first.id, .confirmed)
    await bench.time.advance(by: .seconds(600))
    try await bench.advance(first.id, .preparing, .readyForPickup, .completed)
    let brought = try await bench.ask(bench.request(), as: People.stranger)
    try await bench.advance(brought.id, .confirmed, .preparing, .readyForPickup)
    await bench.time.advance(by: .seconds(1200))
    try await bench.tell(bench.delivery(brought, .failed, reason: "flat tyre"))
    try await bench.tell(bench.delivery(brought, .delivered))
    let open = try await bench.ask(bench.request(), as: People.customer)
    // A quarter past midnight: another day, and the open order counts on the one before.
    await bench.time.advance(by: instant("2026-01-06T05:15:00Z").since(bench.time.now))
    _ = try await bench.ask(bench.request(), as: People.customer)
    let before = try await bench.ask(GetRestaurantDay(restaurantId: restaurant, date: LocalDate(2026, 1, 5)), as: People.staff)
    #expect([before.placed, before.open, before.served] == [3, 1, 2] && open.status == .pending)
    #expect(before.total.description == "50.00" && before.preparationMinutes == 5 && before.doorMinutes == 20)
    #expect(before.placedByHour[5] == 3 && before.topItems.map(\.quantity) == [4])
    let today = try await bench.ask(GetRestaurantDay(restaurantId: restaurant), as: People.admin)
    #expect(today.date == LocalDate(2026, 1, 6) && today.placed == 1 && today.placedByHour[0] == 1)
    #expect(try await bench.ask(GetRestaurantDay(restaurantId: restaurant, date: LocalDate(2026, 1, 4)), as: People.staff).placed == 0)
    #expect(try await bench.ask(GetRestaurantDay(restaurantId: bench.catalog.otherRestaurant), as: People.otherStaff).placed == 0)
  }

  @Test func othersDoNotKnowOfTheRestaurant() async throws {
    let bench = try await Bench()
    let own = GetRestaurantDay(restaurantId: bench.catalog.restaurant)
    for (caller, expected) in [
      (.anonymous, "not_signed_in"), (People.customer, "forbidden"), (People.courier, "forbidden"), (People.staff, nil), (People.admin, nil),
      (People.otherStaff, "404 restaurant_unknown")
    ] as [(Caller, String?)] {
      #expect(await bench.refusal(own, as: caller) == expected)
    }
    #expect(await bench.refusal(GetRestaurantDay(restaurantId: RestaurantID(high: 9, low: 9)), as: People.admin) == "404 restaurant_unknown")
  }
}
