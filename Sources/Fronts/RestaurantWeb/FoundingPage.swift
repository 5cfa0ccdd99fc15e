import CatalogAPI
import Foundation
import Kernel
import Pages
import ServiceKit
import WebServer
import Wire

/// The form that opens a restaurant.
enum FoundingPage {
  private static let names = [
    "name", "description", "cuisineTypes", "phone", "address", "point.latitude", "point.longitude", "timeZone", "currency", "opens", "closes",
    "minimumOrder", "preparationMinutes", "deliveryRadiusMeters"
  ]
  private static let known = [
    "opens": "11:00", "closes": "22:00", "preparationMinutes": "15", "deliveryRadiusMeters": "5000", "minimumOrder": "0", "currency": "USD"
  ]

  static func show(_ request: PageRequest) async throws -> WebResponse { try page(request, problem: nil) }

  private static func page(_ request: PageRequest, problem: Problem?) throws -> WebResponse {
    let isNew = request.form.all.isEmpty
    return try request.page(
      "restaurant/founding", status: problem?.status ?? 200,
      [
        "f": request.formFields(names, known: known, problem: problem), "zones": timeZones, "currencies": currencies(request),
        "acceptsDelivery": isNew || request.form["acceptsDelivery"] != nil, "acceptsPickup": isNew || request.form["acceptsPickup"] != nil,
        "acceptsDineIn": isNew || request.form["acceptsDineIn"] != nil, "isFirstStep": false
      ])
  }

  static let timeZones = TimeZone.knownTimeZoneIdentifiers.filter { $0.contains("/") }

  private static func currencies(_ request: PageRequest) -> [[String: Any]] {
    let codes = [
      "AED", "ARS", "AUD", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "JPY",
      "KRW", "KWD", "MAD", "MXN", "MYR", "NOK", "NZD", "PEN", "PHP", "PLN", "QAR", "RON", "SAR", "SEK", "SGD", "THB", "TND", "TRY", "USD", "VND",
      "ZAR"
    ]
    let locale = request.language.locale
    let named = codes.map { ($0, "\($0) – \(locale.localizedString(forCurrencyCode: $0) ?? $0)") }
    return request.choices(named, chosen: request.form["currency"] ?? known["currency"])
  }

  static func open(_ request: PageRequest) async throws -> WebResponse {
    var typed = TypedForm(request)
    let hours = OpeningHours.daily([DailyInterval(opens: typed.time("opens"), closes: typed.time("closes"))])
    let wanted = CreateRestaurant(
      name: typed.text("name"), description: typed.optional("description"), phone: typed.optional("phone"), cuisineTypes: typed.list("cuisineTypes"),
      address: typed.text("address"),
      point: GeoPoint(latitude: typed.degrees("point.latitude"), longitude: typed.degrees("point.longitude")),
      timeZone: typed.text("timeZone"), currency: typed.currency("currency"), openingHours: hours,
      minimumOrder: typed.amount("minimumOrder"), preparationMinutes: typed.integer("preparationMinutes") ?? 15,
      deliveryRadiusMeters: typed.integer("deliveryRadiusMeters") ?? 8000, acceptsDelivery: typed.isTicked("acceptsDelivery"),
      acceptsPickup: typed.isTicked("acceptsPickup"), acceptsDineIn: typed.isTicked("acceptsDineIn"))
    do throws(Problem) {
      let made = try await typed.send(wanted)
      return request.redirect(to: made.isApproved ? "/restaurant/\(made.id)/menu?done=opened" : "/restaurant")
    } catch {
      return try page(request, problem: error)
    }
  }
}
