import CatalogAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// Where staff choose their restaurant, and where somebody without one begins.
enum StartPage {
  static func show(_ request: PageRequest) async throws -> WebResponse { try await show(request, problem: nil) }

  private static func show(_ request: PageRequest, problem: Problem?) async throws -> WebResponse {
    guard request.caller.hasAny(of: Role.staff) else {
      var fields: [String: Any] = ["f": request.formFields(["name"], problem: problem), "isFirstStep": true]
      // Administrators and couriers have other places to be.
      fields["isElsewhere"] = request.caller.hasAny(of: Role.administrators)
      return try request.page("restaurant/tenant", status: problem?.status ?? 200, fields)
    }
    let restaurants = try await request.call(ListMyRestaurants(limit: 100)).items
    if restaurants.isEmpty, request.mayManage { return request.redirect(to: "/restaurant/new") }
    let texts = request.texts
    if restaurants.count == 1, let only = restaurants.first, only.isApproved, !request.query.has("all") {
      return request.redirect(to: "/restaurant/\(only.id)")
    }
    let shown = restaurants.map { restaurant -> [String: Any] in
      var fields: [String: Any] = [
        "href": "/restaurant/\(restaurant.id)", "name": restaurant.name, "address": restaurant.address,
        "isWaiting": !restaurant.isApproved, "isClosedDown": !restaurant.isActive,
        "isOpen": restaurant.isActive && restaurant.isOpen && restaurant.isApproved,
        "isClosed": restaurant.isActive && !restaurant.isOpen && restaurant.isApproved
      ]
      fields["note"] = restaurant.approvalNote
      fields["opens"] = restaurant.opensAt.map { texts("restaurant.opensAt", ["time": request.formats.dayAndTime($0, in: restaurant.timeZone)]) }
      return fields
    }
    return try request.page(
      "restaurant/start", ["restaurants": shown, "isEmpty": restaurants.isEmpty, "mayManage": request.mayManage])
  }

  /// Founds the organisation; its restaurant comes next.
  static func foundTenant(_ request: PageRequest) async throws -> WebResponse {
    do {
      _ = try await request.call(CreateTenant(name: request.form["name"] ?? ""))
    } catch {
      // A second tap finds what the first one founded.
      if case .refused(.hasTenant) = error { return request.redirect(to: "/restaurant/new") }
      return try await show(request, problem: error.problem)
    }
    return request.redirect(to: "/restaurant/new")
  }
}
