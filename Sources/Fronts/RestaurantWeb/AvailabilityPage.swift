import CatalogAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// A quick list that switches dishes off until a time, and on again.
enum AvailabilityPage {
  static func show(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    let wish = (request.query["q"] ?? "").lowercased()
    let items = try await MenuList.items(place)
    let names = Dictionary(try await request.call(ListCategories(restaurantId: place.restaurant.id)).items.map { ($0.id, $0.name) }) { $1 }
    let found = items.filter { wish.isEmpty || $0.name.lowercased().contains(wish) || (names[$0.categoryId] ?? "").lowercased().contains(wish) }
    // What is out comes first: it is what somebody looks for.
    let ordered = found.filter { !$0.isAvailable } + found.filter(\.isAvailable)
    return try place.page(
      "restaurant/availability", at: .availability,
      [
        "dishes": ordered.map { item in
          MenuList.fields(item, place).merging(["category": names[item.categoryId] ?? "", "morning": "\(place.nextMorning)"]) { $1 }
        }, "isEmpty": ordered.isEmpty, "q": request.query["q"] ?? ""
      ])
  }

  static func change(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    guard let item: MenuItemID = request.form.id("menuItemId") else { throw Problem(400, "invalid_input", "There is no such dish.") }
    var change = SetItemAvailability(menuItemId: item)
    switch request.form["unavailableUntil"] {
    case "hour": change.unavailableUntil = request.now + .seconds(3600)
    case "today": change.unavailableUntil = place.nextMorning
    default: change.isAvailable = request.form["isAvailable"] == "true"
    }
    _ = try await request.call(change)
    return request.redirect(to: request.next(or: "\(place.home)/availability"))
  }
}
