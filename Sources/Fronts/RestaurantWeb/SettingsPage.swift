import CatalogAPI
import Kernel
import Pages
import ServiceKit
import WebServer
import Wire

/// What guests read of the restaurant, and under which terms it sells.
enum SettingsPage {
  private static let names = [
    "name", "description", "cuisineTypes", "phone", "imageUrl", "priceLevel", "address", "point.latitude", "point.longitude", "timeZone",
    "minimumOrder", "preparationMinutes", "deliveryRadiusMeters", "deliveryFee.base", "deliveryFee.perKilometer", "deliveryFee.freeKilometers",
    "deliveryFee.maximum"
  ]

  static func show(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    return try page(place, TaxDraft(place.restaurant.taxRules), problem: nil)
  }

  private static func page(_ place: Workplace, _ taxes: TaxDraft, problem: Problem?) throws -> WebResponse {
    let (request, restaurant) = (place.request, place.restaurant)
    let isFresh = request.form.all.isEmpty
    func isTicked(_ name: String, _ known: Bool) -> Bool { isFresh ? known : request.form[name] != nil }
    let ofFields = problem.map { Problem($0.status, $0.code, $0.detail, faults: $0.faults.filter { !$0.path.hasPrefix("taxRules[") }) }
    var form = request.formFields(names, known: known(restaurant), problem: ofFields)
    if let problem, !problem.faults.isEmpty { form["problem"] = request.texts["shared.form.lookAgain"] }
    return try place.page(
      "restaurant/settings", at: .settings, status: problem?.status ?? 200,
      [
        "f": form, "zones": FoundingPage.timeZones, "currency": restaurant.currency.code,
        "acceptsDelivery": isTicked("acceptsDelivery", restaurant.acceptsDelivery),
        "acceptsPickup": isTicked("acceptsPickup", restaurant.acceptsPickup),
        "acceptsDineIn": isTicked("acceptsDineIn", restaurant.acceptsDineIn), "taxes": taxes.fields(problem, request),
        "priceLevels": request.choices(
          [("", request.texts["restaurant.settings.priceLevel.none"])] + (1...4).map { ("\($0)", String(repeating: "¤", count: $0)) },
          chosen: request.form["priceLevel"] ?? restaurant.priceLevel.map { "\($0)" } ?? ""),
        "mayClose": request.caller.has(.owner), "isClosedDown": !restaurant.isActive
      ])
  }

  private static func known(_ restaurant: Restaurant) -> [String: String] {
    let fee = restaurant.deliveryFee
    return [
      "name": restaurant.name, "description": restaurant.description ?? "", "cuisineTypes": restaurant.cuisineTypes.joined(separator: ", "),
      "phone": restaurant.phone ?? "", "imageUrl": restaurant.imageUrl ?? "", "address": restaurant.address,
      "point.latitude": "\(restaurant.point.latitude)", "point.longitude": "\(restaurant.point.longitude)", "timeZone": restaurant.timeZone,
      "minimumOrder": "\(restaurant.minimumOrder)", "preparationMinutes": "\(restaurant.preparationMinutes)",
      "deliveryRadiusMeters": "\(restaurant.deliveryRadiusMeters)", "deliveryFee.base": fee.map { "\($0.base)" } ?? "",
      "deliveryFee.perKilometer": fee.map { "\($0.perKilometer)" } ?? "",
      "deliveryFee.freeKilometers": fee.map {
        $0.freeKilometers == $0.freeKilometers.rounded() ? "\(Int($0.freeKilometers))" : "\($0.freeKilometers)"
      }
        ?? "", "deliveryFee.maximum": fee?.maximum.map { "\($0)" } ?? ""
    ]
  }

  static func save(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    var taxes = TaxDraft(request.form)
    if taxes.change(request.form["do"] ?? "save") { return try page(place, taxes, problem: nil) }
    var form = TypedForm(request)
    var change = UpdateRestaurant(
      restaurantId: place.restaurant.id, version: request.form.integer("version"), name: form.text("name"), description: form.text("description"),
      phone: form.text("phone"), priceLevel: form.integer("priceLevel"), imageUrl: form.text("imageUrl"), cuisineTypes: form.list("cuisineTypes"),
      address: form.text("address"), point: GeoPoint(latitude: form.degrees("point.latitude"), longitude: form.degrees("point.longitude")),
      timeZone: form.text("timeZone"))
    change.minimumOrder = form.price("minimumOrder")
    change.preparationMinutes = form.integer("preparationMinutes")
    change.deliveryRadiusMeters = form.integer("deliveryRadiusMeters")
    change.acceptsDelivery = form.isTicked("acceptsDelivery")
    change.acceptsPickup = form.isTicked("acceptsPickup")
    change.acceptsDineIn = form.isTicked("acceptsDineIn")
    change.taxRules = taxes.rules(&form)
    change.deliveryFee = feeRule(&form)
    change.hasOwnDeliveryFee = change.deliveryFee != nil
    do throws(Problem) { _ = try await form.send(change) } catch { return try page(place, taxes, problem: error) }
    return request.redirect(to: "\(place.home)/settings?done=saved")
  }

  /// Nothing where all of it is empty: then the platform's holds.
  private static func feeRule(_ form: inout TypedForm) -> DeliveryFeeRule? {
    let names = ["base", "perKilometer", "freeKilometers", "maximum"]
    guard names.contains(where: { !form.text("deliveryFee.\($0)").isEmpty }) else { return nil }
    return DeliveryFeeRule(
      base: form.price("deliveryFee.base"), perKilometer: form.amount("deliveryFee.perKilometer") ?? Amount(units: 0),
      freeKilometers: form.number("deliveryFee.freeKilometers") ?? 0, maximum: form.amount("deliveryFee.maximum"))
  }

  /// Takes the restaurant off the platform, or brings it back.
  static func close(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    if request.form["isActive"] == "true" {
      _ = try await request.call(UpdateRestaurant(restaurantId: place.restaurant.id, isActive: true))
    } else {
      _ = try await request.call(CloseRestaurant(restaurantId: place.restaurant.id))
    }
    return request.redirect(to: "\(place.home)/settings?done=saved")
  }
}
