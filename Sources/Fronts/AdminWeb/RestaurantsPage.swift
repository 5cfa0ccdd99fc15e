import CatalogAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// `/admin/restaurants`: those that wait to be let in, and all others by name.
enum RestaurantsPage {
  static func show(_ request: PageRequest) async throws -> WebResponse { try await page(request) }

  static func decide(_ request: PageRequest) async throws -> WebResponse {
    let restaurantId = try request.id("restaurantId", RestaurantID.self)
    let isApproved = request.form["approved"] == "true"
    do { _ = try await request.call(ApproveRestaurant(restaurantId: restaurantId, approved: isApproved, note: request.form["note"])) } catch {
      return try await page(request, failing: error.problem, of: restaurantId)
    }
    return request.redirect(to: "/admin/restaurants?done=\(isApproved ? "approved" : "refused")")
  }

  private static func page(_ request: PageRequest, failing problem: Problem? = nil, of failed: RestaurantID? = nil) async throws -> WebResponse {
    let search = request.query["search"]
    let waiting = try await request.call(ListWaitingRestaurants(limit: 50, cursor: try request.filter("waitingCursor", RestaurantID.self)))
    let found = try await request.call(ListRestaurants(search: search, limit: 50, cursor: request.query["cursor"])).value()
    var fields: [String: Any] = [
      "waiting": waiting.items.map { item in
        var row = row(item.restaurant, request)
        row["tenantName"] = item.tenantName
        row["since"] = request.moment(item.waitingSince)
        row["known"] = item.note
        row.merge(
          item.restaurant.id == failed ? request.formFields(["note"], problem: problem) : ["note": ["name": "note", "value": "", "id": ""]]
        ) { $1 }
        return row
      },
      "hasNoWaiting": waiting.items.isEmpty, "search": search ?? "", "items": found.items.map { row($0, request) }, "isEmpty": found.items.isEmpty
    ]
    fields["moreWaiting"] = waiting.nextCursor.map { request.address("/admin/restaurants", [("waitingCursor", $0)]) }
    fields.merge(request.pager("/admin/restaurants", [("search", search)], next: found.nextCursor)) { $1 }
    return try request.admin("restaurants", at: "restaurants", failing: problem, fields)
  }

  private static func row(_ restaurant: RestaurantSummary, _ request: PageRequest) -> [String: Any] {
    var row: [String: Any] = [
      "id": restaurant.id.description, "name": restaurant.name, "address": restaurant.address,
      "tenant": restaurant.tenantId.description, "isOpen": restaurant.isOpen, "isActive": restaurant.isActive, "ratingCount": restaurant.ratingCount
    ]
    if !restaurant.cuisineTypes.isEmpty { row["cuisines"] = restaurant.cuisineTypes.joined(separator: ", ") }
    row["rating"] = restaurant.rating.map(request.formats.decimal)
    return row
  }
}
