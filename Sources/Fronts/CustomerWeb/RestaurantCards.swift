import CatalogAPI
import Foundation
import Kernel
import Pages
import PricingAPI

/// Restaurants as lists and their own pages show them.
struct RestaurantCards: Sendable {
  let request: PageRequest
  let place: ChosenPlace?

  /// The restaurants as cards, each with what bringing something from there costs.
  func cards(_ restaurants: [RestaurantSummary]) async -> [[String: Any]] {
    let quotes = await fees(restaurants.map(\.id))
    return restaurants.map { card($0, quotes[$0.id]) }
  }

  /// What bringing something from each costs; nothing where no place is chosen, or prices cannot be asked now.
  func fees(_ restaurants: [RestaurantID]) async -> [RestaurantID: DeliveryFeeQuote] {
    guard let place, !restaurants.isEmpty else { return [:] }
    let asked = QuoteDeliveryFees(restaurantIds: restaurants, latitude: place.point.latitude, longitude: place.point.longitude)
    guard let found = try? await request.call(asked) else { return [:] }
    return Dictionary(found.fees.map { ($0.restaurantId, $0) }) { first, _ in first }
  }

  private func card(_ restaurant: RestaurantSummary, _ quote: DeliveryFeeQuote?) -> [String: Any] {
    var fields: [String: Any?] = [
      "id": restaurant.id.description, "href": "/restaurants/\(restaurant.id)", "name": restaurant.name, "isOpen": restaurant.isOpen,
      "opens": restaurant.isOpen ? nil : opens(at: restaurant.opensAt, in: restaurant.timeZone),
      "image": request.picture(restaurant.imageUrl), "icon": CuisineWords.icon(restaurant.cuisineTypes),
      "tint": CuisineWords.tint(restaurant.cuisineTypes),
      "cuisines": CuisineWords(texts: request.texts).list(restaurant.cuisineTypes),
      "distance": (quote?.distanceMeters ?? restaurant.distanceMeters).map { request.formats.distance(meters: $0) }
    ]
    fields.merge(rating(restaurant.rating, restaurant.ratingCount)) { $1 }
    fields.merge(
      ways(
        quote,
        Terms(
          currency: restaurant.currency, minutes: restaurant.preparationMinutes, acceptsPickup: restaurant.acceptsPickup,
          acceptsDelivery: restaurant.acceptsDelivery, meters: restaurant.distanceMeters))
    ) { $1 }
    return view(fields)
  }

  /// What decides how food gets from a restaurant to the place, and how long that takes.
  struct Terms: Sendable {
    var currency: Currency
    var minutes: Int
    var acceptsPickup: Bool
    var acceptsDelivery: Bool
    var meters: Int?
  }

  /// Fee, minutes, and whether it only can be fetched.
  func ways(_ quote: DeliveryFeeQuote?, _ terms: Terms) -> [String: Any?] {
    let brings = quote?.fee != nil || (place == nil && terms.acceptsDelivery)
    let meters = brings ? quote?.distanceMeters ?? terms.meters : nil
    let times = Self.minutes(preparation: terms.minutes, meters: meters)
    return [
      "fee": quote?.fee.map { fee in
        fee.units == 0 ? request.texts["customer.fee.free"] : request.texts("customer.fee", ["fee": request.formats.money(fee, terms.currency)])
      },
      "minutes": request.texts("customer.minutes", ["from": request.formats.number(times.from), "to": request.formats.number(times.to)]),
      "onlyPickup": !brings && terms.acceptsPickup, "isOutOfReach": !brings && !terms.acceptsPickup
    ]
  }

  func rating(_ rating: Double?, _ count: Int) -> [String: Any?] {
    [
      "rating": rating.map { request.formats.decimal($0) },
      "ratingLabel": rating.map { request.texts.counting("customer.rating.label", count, ["rating": request.formats.decimal($0)]) },
      "ratingCount": rating == nil ? nil : request.formats.number(count)
    ]
  }

  /// When a closed restaurant opens: the time, with its day where that is not today.
  func opens(at instant: Instant?, in zone: String) -> String {
    guard let instant else { return request.texts["customer.closed"] }
    let time = request.formats.time(instant, in: zone)
    let day = request.formats.day(instant, in: zone)
    return day == request.formats.day(request.now, in: zone)
      ? request.texts("customer.opens.today", ["time": time]) : request.texts("customer.opens.day", ["day": day, "time": time])
  }

  /// Between how many minutes the food takes: the kitchen's usual time and the way by bicycle, a little less and a third more, in steps of five.
  static func minutes(preparation: Int, meters: Int?) -> (from: Int, to: Int) {
    // Streets are longer than the line, and a bicycle makes 4.2 metres a second between lights.
    let whole = Double(preparation) + (meters.map { Double($0) * 1.3 / 4.2 / 60 + 2 } ?? 0)
    let from = max(5, Int(whole * 0.85) / 5 * 5)
    return (from, max(from + 5, (Int(whole * 1.3) + 4) / 5 * 5))
  }
}

/// Kinds of kitchens in the reader's words, with a drawing and a colour.
struct CuisineWords: Sendable {
  let texts: Texts

  func name(_ cuisine: String) -> String {
    let key = "customer.cuisine.\(cuisine.lowercased())"
    return texts.has(key) ? texts[key] : cuisine.prefix(1).uppercased() + cuisine.dropFirst()
  }

  func list(_ cuisines: [String]) -> String { cuisines.prefix(3).map(name).joined(separator: " · ") }

  private static let icons = [
    "italian": "pizza", "pizza": "pizza", "burgers": "burger", "american": "burger", "mexican": "taco", "japanese": "fish", "sushi": "fish",
    "seafood": "fish", "bakery": "bread", "breakfast": "bread", "lebanese": "bread", "vietnamese": "bowl", "thai": "bowl", "chinese": "bowl",
    "indian": "pot", "bowls": "leaf", "vegan": "leaf", "salads": "leaf"
  ]

  static func icon(_ cuisines: [String]) -> String { cuisines.lazy.compactMap { icons[$0.lowercased()] }.first ?? "bowl" }
  static func tint(_ cuisines: [String]) -> String { "tint-\(StableHash.of(cuisines.first?.lowercased() ?? "") % 6)" }
}
