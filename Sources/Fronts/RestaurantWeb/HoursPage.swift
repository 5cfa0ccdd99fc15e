import CatalogAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// When the restaurant is open: the week, and the days that are different.
enum HoursPage {
  static func show(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    return try page(place, HoursDraft(place.restaurant), problem: nil)
  }

  private static func page(_ place: Workplace, _ draft: HoursDraft, problem: Problem?) throws -> WebResponse {
    var fields = draft.fields(problem, place)
    if let problem { fields["problem"] = problem.faults.isEmpty ? place.request.sentence(of: problem) : place.request.texts["shared.form.lookAgain"] }
    return try place.page("restaurant/hours", at: .hours, status: problem?.status ?? 200, fields)
  }

  static func save(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    var draft = HoursDraft(request.form)
    if draft.change(request.form["do"] ?? "save") { return try page(place, draft, problem: nil) }
    draft.dropBlanks()
    var form = TypedForm(request)
    let (hours, closures) = (draft.hours(&form), draft.periods(&form))
    do throws(Problem) {
      _ = try await form.send(
        UpdateRestaurant(
          restaurantId: place.restaurant.id, version: request.form.integer("version"), openingHours: hours, closures: closures))
    } catch {
      return try page(place, draft, problem: error)
    }
    return request.redirect(to: "\(place.home)/hours?done=saved")
  }
}
