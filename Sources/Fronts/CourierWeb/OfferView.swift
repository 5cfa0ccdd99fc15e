import DeliveryAPI
import Kernel
import Pages

/// An offer as the page shows it.
enum OfferView {
  static func fields(_ offer: Offer, _ request: PageRequest) -> [String: Any] {
    let left = max(0, offer.expiresAt.milliseconds - request.now.milliseconds)
    var fields: [String: Any] = [
      "id": offer.offerId.description, "orderId": offer.orderId.description, "restaurant": offer.restaurantName,
      "address": offer.restaurantAddress, "restaurantPoint": CourierFrame.point(offer.restaurantPoint),
      "customerPoint": CourierFrame.point(offer.customerPoint), "distance": request.formats.distance(meters: offer.distanceMeters),
      "pay": request.formats.money(offer.pay, offer.currency), "expiresAt": offer.expiresAt.description, "left": left,
      "seconds": request.formats.number((left + 999) / 1000), "whole": 30_000
    ]
    fields["ready"] = ready(offer.readyAt, request)
    return ["offer": fields, "key": "offer:\(offer.offerId)", "isWaiting": false]
  }

  /// When the food is there: in so many minutes, or already.
  static func ready(_ readyAt: Instant?, _ request: PageRequest) -> [String: Any] {
    guard let readyAt else { return ["text": request.texts["courier.ready.unknown"]] }
    let minutes = (readyAt.milliseconds - request.now.milliseconds + 59_999) / 60_000
    let zone = CourierFrame.zone(request)
    return [
      "at": readyAt.description, "clock": request.formats.time(readyAt, in: zone.name),
      "text": minutes > 0 ? request.texts.counting("courier.ready.in", minutes) : request.texts["courier.ready.now"]
    ]
  }
}
