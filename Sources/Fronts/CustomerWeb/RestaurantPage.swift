import CatalogAPI
import Kernel
import OrderingAPI
import Pages
import ServiceKit
import WebServer

/// One restaurant with its menu.
struct RestaurantPage: Sendable {
  let request: PageRequest

  func answer() async throws -> WebResponse {
    let id = try request.id("restaurantId", RestaurantID.self)
    let place = request.place
    let cards = RestaurantCards(request: request, place: place)
    async let asked = request.call(GetRestaurant(restaurantId: id))
    async let askedMenu = request.call(GetMenu(restaurantId: id))
    async let basket = request.basketIfReached()
    async let fees = cards.fees([id])
    let restaurant = try await asked.value()
    try restaurant.mustBeShown(to: request.caller)
    let menu = try await askedMenu.value()
    var fields = Self.head(restaurant, request)
    fields.merge(
      cards.ways(
        await fees[id],
        .init(
          currency: restaurant.currency, minutes: restaurant.preparationMinutes, acceptsPickup: restaurant.acceptsPickup,
          acceptsDelivery: restaurant.acceptsDelivery, meters: place.map { Int(restaurant.point.distanceMeters(to: $0.point)) }))
    ) { $1 }
    fields["place"] = place.map { view(["label": $0.label]) }
    fields["hours"] = hours(restaurant)
    fields["sections"] = menu.categories.filter { !$0.items.isEmpty }.map { section in
      view([
        "anchor": "c-\(section.id)", "title": section.name, "description": section.description,
        "items": section.items.map { dish($0, in: restaurant) }
      ])
    }
    let held = await basket
    fields["dock"] = request.dock(held)
    return try request.framed("customer/restaurant", tab: .home, basket: held, fields)
  }

  /// What is told of a restaurant on its page, and on those of its dishes.
  static func head(_ restaurant: Restaurant, _ request: PageRequest) -> [String: Any?] {
    let cards = RestaurantCards(request: request, place: request.place)
    var fields: [String: Any?] = [
      "restaurantId": restaurant.id.description, "href": "/restaurants/\(restaurant.id)", "name": restaurant.name,
      "about": restaurant.description, "image": request.picture(restaurant.imageUrl), "icon": CuisineWords.icon(restaurant.cuisineTypes),
      "tint": CuisineWords.tint(restaurant.cuisineTypes), "cuisineNames": CuisineWords(texts: request.texts).list(restaurant.cuisineTypes),
      "address": restaurant.address, "phone": restaurant.phone, "isOpen": restaurant.isOpen,
      "refuses": restaurant.refusal.map { request.texts["customer.problem.\($0.rawValue)"] },
      "opens": restaurant.isOpen || restaurant.refusal != nil ? nil : cards.opens(at: restaurant.opensAt, in: restaurant.timeZone),
      "isAhead": restaurant.opensAt.map { $0 <= request.now + WantedTimes.span },
      "closes": restaurant.isOpen
        ? restaurant.closesAt.map { request.texts("customer.closes", ["time": request.formats.time($0, in: restaurant.timeZone)]) } : nil,
      "minimum": restaurant.minimumOrder.units > 0
        ? request.texts("customer.minimum", ["amount": request.formats.money(restaurant.minimumOrder, restaurant.currency)]) : nil
    ]
    fields.merge(cards.rating(restaurant.rating, restaurant.ratingCount)) { $1 }
    return fields
  }

  private func dish(_ item: MenuItem, in restaurant: Restaurant) -> [String: Any] {
    view([
      "itemId": item.id.description, "itemHref": "/restaurants/\(restaurant.id)/items/\(item.id)", "itemName": item.name,
      "itemAbout": item.description, "price": request.formats.money(item.price, item.currency), "itemImage": request.picture(item.imageUrl),
      "isAvailable": item.isAvailable, "isPlain": item.optionGroups.isEmpty,
      "back": item.isAvailable ? nil : Self.back(item, in: restaurant.timeZone, request)
    ])
  }

  /// Until when a dish cannot be had.
  static func back(_ item: MenuItem, in zone: String, _ request: PageRequest) -> String {
    guard let until = item.unavailableUntil else { return request.texts["customer.item.out"] }
    let day = request.formats.day(until, in: zone)
    let isToday = day == request.formats.day(request.now, in: zone)
    let time = request.formats.time(until, in: zone)
    return request.texts("customer.item.back", ["time": isToday ? time : "\(day), \(time)"])
  }

  /// When it is open on each of the next seven days.
  private func hours(_ restaurant: Restaurant) -> [[String: Any]] {
    guard let zone = Zone.named(restaurant.timeZone) else { return [] }
    let today = zone.local(request.now).date
    return (0..<7).map { offset in
      let date = today + offset
      let noon = zone.instants(of: LocalTime(date, minutes: 720))[0]
      let intervals = restaurant.openingHours.days[date.weekday].map { interval -> String in
        if interval.opens.minutes == 0, interval.closes.minutes == 1440 { return request.texts["customer.hours.always"] }
        let ends = [interval.opens, interval.closes].map { zone.instants(of: LocalTime(date, minutes: $0.minutes))[0] }
        return ends.map { request.formats.time($0, in: restaurant.timeZone) }.joined(separator: "–")
      }
      return [
        "day": request.formats.day(noon, in: restaurant.timeZone),
        "times": intervals.isEmpty ? request.texts["customer.hours.closed"] : intervals.joined(separator: ", ")
      ]
    }
  }
}

extension Restaurant {
  /// Why it takes no orders at all, now or for later.
  var refusal: QuoteItemsReason? {
    if !isActive { return .restaurantUnknown }
    return isApproved ? nil : .restaurantNotApproved
  }

  /// Throws for who has nothing to do with a restaurant that was not let in yet: only those who run it look at it beforehand.
  func mustBeShown(to caller: Caller) throws(Problem) {
    guard isApproved || caller.actsFor(tenantId) else { throw Problem(404, "not_found", "There is nothing at this path.") }
  }
}
