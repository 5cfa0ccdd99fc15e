import CatalogAPI
import Foundation
import Kernel
import OrderingAPI
import Pages
import ServiceKit
import WebServer

/// The figures of a day, with the orders of each hour as a chart and as a table.
enum DayPage {
  static func show(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    var form = TypedForm(request)
    let asked = form.date(request.query["date"] ?? "", at: "date")
    let day = try await request.call(GetRestaurantDay(restaurantId: place.restaurant.id, date: asked))
    let (texts, formats) = (request.texts, request.formats)
    let noon = (Zone.named(place.zone) ?? .utc).instants(of: LocalTime(day.date, minutes: 12 * 60))[0]
    let hours = day.placedByHour.enumerated().map { hour, count -> [String: Any] in
      let moment = (Zone.named(place.zone) ?? .utc).instants(of: LocalTime(day.date, minutes: hour * 60))[0]
      return ["hour": hour, "name": formats.time(moment, in: place.zone), "count": count, "shown": formats.number(count), "isZero": count == 0]
    }
    var fields: [String: Any] = [
      "date": day.date.description, "dayName": formats.day(noon, in: place.zone), "isToday": day.date == place.today,
      "yesterday": "\(place.home)/today?date=\(day.date + -1)", "tomorrow": "\(place.home)/today?date=\(day.date + 1)",
      "hasTomorrow": day.date < place.today, "last": place.today.description, "isEmpty": day.placed == 0, "hours": hours,
      // Hours without an order at both ends tell nothing.
      "busyHours": hours.drop { $0["isZero"] as? Bool ?? true }.reversed().drop { $0["isZero"] as? Bool ?? true }.reversed() as [[String: Any]],
      "figures": [
        figure("placed", formats.number(day.placed)), figure("open", formats.number(day.open)), figure("served", formats.number(day.served)),
        figure("rejected", formats.number(day.rejected)), figure("cancelled", formats.number(day.cancelled))
      ].map { ["name": texts["restaurant.day.figure.\($0.name)"], "value": $0.value] }
        + [
          ("preparation", day.preparationMinutes), ("door", day.doorMinutes)
        ].compactMap { name, minutes in
          minutes.map {
            ["name": texts["restaurant.day.figure.\(name)"], "value": texts.counting("restaurant.script.minutes", Int($0.rounded()))]
          }
        },
      "sums": [
        ("subtotal", day.subtotal), ("deliveryFees", day.deliveryFees), ("discounts", day.discounts), ("tax", day.tax), ("tips", day.tips)
      ].filter { $0.0 == "subtotal" || $0.1.units != 0 }.map {
        ["name": texts["restaurant.sum.\($0.0)"], "value": formats.money($0.1, day.currency)]
      }, "total": formats.money(day.total, day.currency),
      "topItems": day.topItems.map {
        ["name": $0.name, "quantity": formats.number($0.quantity), "revenue": formats.money($0.revenue, day.currency)]
      }, "hasTop": !day.topItems.isEmpty
    ]
    if let asked, asked > place.today { fields["isFuture"] = true }
    return try place.page("restaurant/today", at: .today, fields)
  }

  private static func figure(_ name: String, _ value: String) -> (name: String, value: String) { (name, value) }
}
