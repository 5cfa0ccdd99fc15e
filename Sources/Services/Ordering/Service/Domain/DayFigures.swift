import CatalogAPI
import Kernel
import OrderingAPI
import PricingAPI
import ServiceKit

/// An order as far as the figures of its day need it.
struct DayOrder: Hashable, Sendable {
  var status: OrderStatus
  var placedAt: Instant
  var capture: OrderCapture
  var confirmedAt: Instant?
  var readyAt: Instant?
  var deliveredAt: Instant?

  var isServed: Bool { status == .delivered || status == .completed }
}

/// A day of a restaurant's calendar, between two midnights of its wall clock.
struct RestaurantDate: Hashable, Sendable {
  var date: LocalDate
  var zone: Zone

  /// Where the clock skips midnight, the day begins at the jump.
  var start: Instant { midnight(of: date) }
  /// The first moment that is not of the day any more.
  var end: Instant { midnight(of: date + 1) }

  private func midnight(of date: LocalDate) -> Instant {
    let local = LocalTime(date, minutes: 0)
    return zone.instants(of: local).first ?? Instant(milliseconds: local.milliseconds)
  }
}

/// Works out what a day brought a restaurant.
struct DayFigures {
  let terms: RestaurantTerms
  let day: RestaurantDate

  private static let mostItems = 10

  func figures(of orders: [DayOrder]) -> RestaurantDay {
    let served = orders.filter(\.isServed)
    func sum(_ amount: (OrderCapture) -> Amount) -> Amount {
      served.reduce(Money.zero(terms.currency)) { $0 + money(amount($1.capture)) }.amount
    }
    func count(_ status: OrderStatus) -> Int { orders.count { $0.status == status } }
    var hours = Array(repeating: 0, count: 24)
    for order in orders { hours[day.zone.local(order.placedAt).millisecondsOfDay / 3_600_000] += 1 }
    return RestaurantDay(
      restaurantId: terms.restaurantId, date: day.date, timeZone: day.zone.name, currency: terms.currency, placed: orders.count,
      open: orders.count { !OrderLifecycle.hasEnded($0.status) }, served: served.count, rejected: count(.rejected), cancelled: count(.cancelled),
      subtotal: sum(\.price.subtotal), deliveryFees: sum(\.price.deliveryFee), tax: sum(\.price.tax), discounts: sum(\.price.discount),
      tips: sum(\.price.tip), total: sum(\.price.total),
      preparationMinutes: mean(orders.compactMap { order in order.confirmedAt.flatMap { since in order.readyAt.map { $0.since(since) } } }),
      doorMinutes: mean(orders.compactMap { order in order.deliveredAt.map { $0.since(order.placedAt) } }), topItems: top(of: served),
      placedByHour: hours)
  }

  /// The dishes by how many portions were served, then by what they brought, then by name.
  private func top(of served: [DayOrder]) -> [SoldItem] {
    var sold: [MenuItemID: (name: String, quantity: Int, revenue: Money)] = [:]
    for item in served.flatMap(\.capture.items) {
      let before = sold[item.menuItemId] ?? (item.name, 0, .zero(terms.currency))
      sold[item.menuItemId] = (item.name, before.quantity + item.quantity, before.revenue + money(item.unitPrice) * item.quantity)
    }
    return sold.sorted { left, right in
      (-left.value.quantity, -left.value.revenue.units, left.value.name, left.key.description)
        < (-right.value.quantity, -right.value.revenue.units, right.value.name, right.key.description)
    }.prefix(Self.mostItems).map { id, sum in
      SoldItem(menuItemId: id, name: sum.name, quantity: sum.quantity, revenue: sum.revenue.amount)
    }
  }

  /// In minutes, to the tenth.
  private func mean(_ stretches: [Duration]) -> Double? {
    if stretches.isEmpty { return nil }
    return (stretches.reduce(0) { $0 + $1.seconds } / 60 / Double(stretches.count) * 10).rounded() / 10
  }

  /// A restaurant's currency never changes, so that every amount is one of it.
  private func money(_ amount: Amount) -> Money { Money(amount, terms.currency) ?? .zero(terms.currency) }
}
