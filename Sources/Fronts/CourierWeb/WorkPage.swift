import CatalogAPI
import DeliveryAPI
import Kernel
import OrderingAPI
import Pages
import ServiceKit
import WebServer

/// `/courier`: the one thing to do now. Scripts fetch the same page again and take its part `#now`.
enum WorkPage {
  /// A form of the page that was not taken, and why.
  struct Refused {
    /// The fields of the form.
    var names: [String]
    var problem: Problem
  }

  static func show(_ request: PageRequest) async throws -> WebResponse { try await page(request) }

  /// The page as things stand; with what was typed where a form of it was not taken.
  static func page(_ request: PageRequest, refused: Refused? = nil) async throws -> WebResponse {
    guard let partner = try await CourierFrame.partner(request) else {
      return try request.page("courier/join", ProfilePage.fields(of: nil, request))
    }
    var fields = CourierFrame.fields(partner, .work, request)
    let status = refused?.problem.status ?? 200
    if let delivery = try await running(partner, request) {
      fields.merge(try await DeliveryView.fields(delivery, refused, request)) { $1 }
      fields["isWaiting"] = false
      return try request.page("courier/work", status: status, fields)
    }
    if let problem = refused?.problem { fields["problem"] = request.sentence(of: problem) }
    if partner.status == .offered, let offer = try await request.call(ListOffers()).items.first {
      fields.merge(OfferView.fields(offer, request)) { $1 }
      return try request.page("courier/work", status: status, fields)
    }
    fields["isWaiting"] = true
    fields["key"] = "waiting:\(partner.isOnline):\(request.query["done"] ?? ""):\(request.query["gone"] ?? "")"
    fields["gone"] = request.query["gone"] == nil ? nil : true
    fields["isLost"] = partner.isOnline && partner.status == .offline
    fields["today"] = try await today(request)
    fields["done"] = try await done(request)
    return try request.page("courier/work", status: status, fields)
  }

  /// The delivery that the partner is on.
  private static func running(_ partner: Partner, _ request: PageRequest) async throws -> Delivery? {
    guard partner.status == .busy else { return nil }
    func isRunning(_ delivery: Delivery) -> Bool { DeliveryStatus.running.contains(delivery.status) }
    if let found = try await request.call(ListDeliveries(limit: 5)).items.first(where: isRunning) { return found }
    // One that waited for long is far down in the list.
    for status in DeliveryStatus.running.sorted(by: { $0.rawValue < $1.rawValue }) {
      if let found = try await request.call(ListDeliveries(status: status, limit: 1)).items.first { return found }
    }
    return nil
  }

  private static func today(_ request: PageRequest) async throws -> [String: Any] {
    let zone = CourierFrame.zone(request)
    let today = EarningsPage.today(request, zone)
    let earnings = try await request.call(
      ListEarnings(from: Instant(milliseconds: request.now.milliseconds - 26 * 3_600_000), timeZone: zone.name))
    return EarningsPage.sum(earnings.days.filter { $0.starts == today.description }, request)
  }

  /// How the delivery ended that was just brought, given back or taken away.
  private static func done(_ request: PageRequest) async throws -> [String: Any]? {
    guard let id = request.query.id("done", DeliveryID.self) else { return nil }
    do throws(CallFailure<GetDeliveryRefusal>) {
      let delivery = try await request.call(GetDelivery(deliveryId: id))
      guard DeliveryStatus.ended.contains(delivery.status) else { return nil }
      let pay = request.formats.money(delivery.pay, delivery.currency)
      return [
        "text": request.texts(
          "courier.done.\(delivery.status.rawValue)", ["restaurant": delivery.restaurantName, "pay": pay]),
        "isGood": delivery.status == .delivered
      ]
    } catch {
      // Given back before the food was taken, it belongs to another now.
      guard case .refused(.deliveryUnknown) = error else { throw error }
      return ["text": request.texts["courier.done.givenBack"], "isGood": false]
    }
  }
}
