import CatalogAPI
import IdentityAPI
import Kernel
import OrderingAPI
import Pages
import PricingAPI
import ServiceKit
import Wire

/// What somebody said of how a basket is to be brought and paid: from the form, or what is known before they say anything.
struct CheckoutForm: Sendable {
  var fulfilment: Fulfilment
  /// One of the saved addresses; absent: the one that is typed.
  var saved: SavedAddress?
  var address: DeliveryAddress?
  /// What is wrong with the typed address.
  var faults: [Fault] = []
  var wantedAt: Instant?
  var tip: Amount?
  var payment: PaymentChoice
  var instructions: String?

  /// The names of the fields that are typed in, as the API calls them.
  static let typed = [
    "deliveryAddress.text", "deliveryAddress.point.latitude", "deliveryAddress.point.longitude", "deliveryAddress.instructions", "tipOther",
    "specialInstructions"
  ]
  static let cards = ["tok_approve", "tok_decline", "tok_timeout", "tok_late", "tok_twice"]

  /// - Parameters:
  ///   - isSent: whether the form said something already.
  ///   - restaurant: decides where the form says nothing.
  init(_ form: Fields, isSent: Bool, restaurant: Restaurant?, addresses: [SavedAddress], place: ChosenPlace?) {
    let wish = form["fulfilment"].flatMap(Fulfilment.init(rawValue:))
    fulfilment = wish ?? (restaurant?.acceptsDelivery ?? true ? .delivery : .pickup)
    payment = PaymentChoice(method: form["payment.method"] == "cash" ? .cash : .card)
    if payment.method == .card { payment.cardToken = form["payment.cardToken"] ?? Self.cards[0] }
    instructions = form["specialInstructions"]
    if let text = form["wantedAt"] {
      wantedAt = Self.instant(text)
      if wantedAt == nil { faults.append(Fault(path: "wantedAt", message: "is required")) }
    }
    tip = form["tip"] == "other" ? form.amount("tipOther") : form.amount("tip")
    if form["tip"] == "other", form["tipOther"] != nil, tip == nil { faults.append(Fault(path: "tip", message: "is not an amount")) }
    if isSent {
      saved = form.id("addressId", AddressID.self).flatMap { id in addresses.first { $0.id == id } }
    } else if let place {
      saved = place.addressId.flatMap { id in addresses.first { $0.id == id } }
    } else {
      saved = addresses.first { $0.isDefault } ?? addresses.first
    }
    guard fulfilment == .delivery else { return }
    if let saved {
      address = DeliveryAddress(text: saved.text, point: saved.point, instructions: form["deliveryAddress.instructions"] ?? saved.instructions)
    } else if isSent {
      takeTyped(form)
    } else if let place {
      address = DeliveryAddress(text: place.label, point: place.point)
    }
  }

  private mutating func takeTyped(_ form: Fields) {
    var point: GeoPoint?
    do {
      point = try form.point(latitude: "deliveryAddress.point.latitude", longitude: "deliveryAddress.point.longitude")
    } catch { faults += error.all }
    let text = form["deliveryAddress.text"]
    if text == nil { faults.append(Fault(path: "deliveryAddress.text", message: "is required")) }
    // A price needs the point alone.
    if let point { address = DeliveryAddress(text: text ?? "", point: point, instructions: form["deliveryAddress.instructions"]) }
  }

  private static func instant(_ text: String) -> Instant? {
    var text = text
    return text.withUTF8 { bytes in bytes.withMemoryRebound(to: UInt8.self) { Instant(utf8: $0) } }
  }

  func preview(_ basket: Cart, at restaurant: RestaurantID) -> PreviewPrice {
    PreviewPrice(
      restaurantId: restaurant,
      items: basket.items.filter(\.isAvailable).map {
        WantedItem(menuItemId: $0.menuItemId, quantity: $0.quantity, optionIds: $0.optionIds, specialInstructions: $0.specialInstructions)
      },
      fulfilment: fulfilment, deliveryAddress: address.map { PreviewAddress(text: nil, point: $0.point) }, tip: tip, wantedAt: wantedAt)
  }

  func order(expecting total: Amount?, key: String) -> PlaceOrder {
    PlaceOrder(
      fromCart: true, fulfilment: fulfilment, deliveryAddress: address, payment: payment, tip: tip, expectedTotal: total, wantedAt: wantedAt,
      specialInstructions: instructions, idempotencyKey: key)
  }
}
