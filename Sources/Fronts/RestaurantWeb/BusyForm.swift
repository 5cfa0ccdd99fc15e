import ServiceKit
import CatalogAPI
import Kernel
import Pages
import WebServer

/// Takes no orders for a while, and takes them again by itself; how long the kitchen usually needs.
enum BusyForm {
  static func fields(_ place: Workplace) -> [String: Any] {
    let request = place.request
    let restaurant = place.restaurant
    let texts = request.texts
    var fields: [String: Any] = [
      "preparationMinutes": restaurant.preparationMinutes, "isOpen": restaurant.isOpen, "isApproved": restaurant.isApproved,
      "isClosedDown": !restaurant.isActive,
      "pauses": ["15", "30", "60"].map {
        ["value": $0, "name": texts.counting("restaurant.script.minutes", Int($0) ?? 0)]
      } + [["value": "tomorrow", "name": texts["restaurant.pause.tomorrow"]]]
    ]
    if let until = restaurant.pausedUntil, until > request.now {
      fields["pausedUntil"] = place.clock(until)
      fields["pausedUntilMoment"] = "\(until)"
    } else if !restaurant.isOpen {
      fields["opens"] = restaurant.opensAt.map { place.clock($0) }
    } else {
      fields["closes"] = restaurant.closesAt.map { place.clock($0) }
    }
    return fields
  }

  static func send(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    var change = SetRestaurantPace(restaurantId: place.restaurant.id)
    switch request.form["pausedUntil"] {
    case "tomorrow": change.pausedUntil = place.nextMorning
    case let minutes?: change.pausedUntil = Int(minutes).flatMap { 1...1440 ~= $0 ? request.now + .seconds($0 * 60) : nil }
    case nil: break
    }
    if request.form["isPaused"] == "false" { change.isPaused = false }
    change.preparationMinutes = request.form.integer("preparationMinutes")
    _ = try await request.call(change)
    return request.redirect(to: request.next(or: place.home))
  }
}
