import DeliveryAPI
import GatewayAPI
import Kernel
import Pages
import ServiceKit
import WebServer
import Wire

/// `/admin`: where everybody is, and how the orders of the city go.
enum CityPage {
  /// How many of the latest events are told.
  private static let latest = 12

  static func show(_ request: PageRequest) async throws -> WebResponse {
    let city = try await request.call(GetCity()).value()
    let pulse = try await request.call(GetCityPulse())
    var fields: [String: Any] = [
      "groups": groups(city, request),
      "open": pulse.open.map {
        ["status": $0.status, "word": request.word("admin.script.order.", $0.status), "count": request.formats.number($0.count)]
      },
      "placedToday": request.formats.number(pulse.placedToday), "servedToday": request.formats.number(pulse.servedToday),
      "endedToday": request.formats.number(pulse.endedToday),
      "latest": pulse.latest.prefix(latest).map { moment in
        [
          "at": request.moment(moment.at), "name": moment.restaurantName, "status": moment.status, "tone": Tone.of(order: moment.status),
          "word": request.word("admin.script.order.", moment.status)
        ]
      },
      "minutes": minutes(pulse, request), "needsHand": city.unassigned > 0,
      "center": center(city)
    ]
    fields["doorMinutes"] = pulse.doorMinutes.map(request.formats.decimal) ?? "–"
    fields["preparationMinutes"] = pulse.preparationMinutes.map(request.formats.decimal) ?? "–"
    return try request.admin("city", at: "city", fields)
  }

  /// The counters, each of which shows or hides what it counts.
  private static func groups(_ city: City, _ request: PageRequest) -> [[String: Any]] {
    func layer(_ name: String, _ count: Int?) -> [String: Any] {
      ["name": name, "word": request.word("admin.script.layer.", name), "count": count.map(request.formats.number) ?? "–"]
    }
    return [
      [
        "title": request.texts["admin.city.couriers"],
        "layers": [layer("available", city.available), layer("offered", city.offered), layer("busy", city.busy)]
      ],
      [
        "title": request.texts["admin.city.deliveries"],
        "layers": [layer("waiting", city.waiting), layer("unassigned", city.unassigned), layer("running", city.running)]
      ],
      ["title": request.texts["admin.city.restaurants"], "layers": [layer("open", nil), layer("closed", nil)]]
    ]
  }

  /// The last thirty minutes, the current one last.
  private static func minutes(_ pulse: CityPulse, _ request: PageRequest) -> [[String: Any]] {
    let count = pulse.placedByMinute.count
    return (0..<count).map { index in
      let ago = count - 1 - index
      let preparation = index < pulse.preparationByMinute.count ? pulse.preparationByMinute[index] : nil
      return [
        "name": ago == 0 ? request.texts["admin.city.thisMinute"] : request.texts("admin.city.minutesAgo", ["count": request.formats.number(ago)]),
        "placed": request.formats.number(pulse.placedByMinute[index]), "served": request.formats.number(pulse.servedByMinute[index]),
        "preparation": preparation.map(request.formats.decimal) ?? "–"
      ]
    }
  }

  /// Where the map begins: the middle of all that is known of, else the middle of nowhere.
  private static func center(_ city: City) -> [String: Any] {
    let points = city.partners.map { GeoPoint(latitude: $0.latitude, longitude: $0.longitude) } + city.deliveries.map(\.restaurant)
    guard !points.isEmpty else { return ["latitude": "0", "longitude": "0"] }
    let count = Double(points.count)
    return [
      "latitude": "\(points.reduce(0) { $0 + $1.latitude } / count)", "longitude": "\(points.reduce(0) { $0 + $1.longitude } / count)"
    ]
  }
}
