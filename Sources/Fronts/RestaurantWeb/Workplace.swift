import CatalogAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// The restaurant that a page is about, and what its reader may do there.
struct Workplace: Sendable {
  enum Place: String { case board, today, orders, availability, menu, hours, settings, staff, dispatch }

  let request: PageRequest
  let restaurant: Restaurant

  /// The restaurant that the path names, where the reader works.
  init(_ request: PageRequest) async throws {
    self.request = request
    restaurant = try await request.call(GetRestaurant(restaurantId: try request.id("restaurantId"))).value()
    guard request.caller.tenant == restaurant.tenantId else { throw Problem(refusal: CatalogRefusal.restaurantUnknown) }
  }

  var home: String { "/restaurant/\(restaurant.id)" }
  var zone: String { restaurant.timeZone }
  var mayManage: Bool { request.mayManage }

  /// What every page of the restaurant shows, with the fields of this one.
  func page(_ template: String, at place: Place, status: Int = 200, _ fields: [String: Any]) throws(Problem) -> WebResponse {
    try request.page(template, status: status, frame(at: place).merging(fields) { $1 })
  }

  func frame(at place: Place) -> [String: Any] {
    var fields: [String: Any] = [
      "home": home, "restaurantId": "\(restaurant.id)", "tenantId": "\(restaurant.tenantId)", "restaurantName": restaurant.name,
      "zone": zone, "places": places(at: place), "hasPlaces": true, "version": restaurant.version
    ]
    fields["done"] = request.query["done"].flatMap { done in
      let key = "restaurant.done.\(done)"
      return request.texts.has(key) ? request.texts[key] : nil
    }
    return fields
  }

  private func places(at current: Place) -> [[String: Any]] {
    let all: [(Place, String, Bool)] = [
      (.board, home, true), (.availability, "\(home)/availability", true), (.today, "\(home)/today", true),
      (.orders, "\(home)/orders", true), (.menu, "\(home)/menu", mayManage), (.hours, "\(home)/hours", mayManage),
      (.settings, "\(home)/settings", mayManage), (.staff, "/restaurant/staff", mayManage)
    ]
    return all.filter(\.2).map { place, address, _ in
      ["href": address, "name": request.texts["restaurant.place.\(place.rawValue)"], "isCurrent": place == current] as [String: Any]
    }
  }

  // MARK: Times on the restaurant's wall

  var today: LocalDate { localDate(of: request.now) }

  func localDate(of instant: Instant) -> LocalDate { (Zone.named(zone) ?? .utc).local(instant).date }

  /// The next early morning, when the longest evening is over: the end of "today".
  var nextMorning: Instant {
    let zone = Zone.named(zone) ?? .utc
    let local = zone.local(request.now)
    let isNight = local.millisecondsOfDay < 4 * 3_600_000
    return zone.instants(of: LocalTime(local.date + (isNight ? 0 : 1), minutes: 4 * 60))[0]
  }

  /// `7:45 PM`, with the day where it is another one.
  func clock(_ instant: Instant) -> String {
    localDate(of: instant) == today ? request.formats.time(instant, in: zone) : request.formats.dayAndTime(instant, in: zone)
  }

  func money(_ amount: Amount) -> String { request.formats.money(amount, restaurant.currency) }
}

extension PageRequest {
  var mayManage: Bool { caller.hasAny(of: Role.managers) }

  /// What happened to a form that was not taken, in one sentence.
  func sentence(of failure: any ProblemMaking) -> String { sentence(of: failure.problem) }

  /// The choices of a list with the one that is taken.
  func choices(_ all: [(value: String, name: String)], chosen: String?) -> [[String: Any]] {
    all.map { ["value": $0.value, "name": $0.name, "isChosen": $0.value == chosen] as [String: Any] }
  }
}
