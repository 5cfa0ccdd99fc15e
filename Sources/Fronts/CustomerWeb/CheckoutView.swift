import CatalogAPI
import IdentityAPI
import Kernel
import OrderingAPI
import Pages
import PricingAPI
import WebServer
import Wire

/// What the template of the checkout shows.
struct CheckoutView: Sendable {
  let request: PageRequest
  let basis: CheckoutPage.Basis
  let form: CheckoutForm

  private var currency: Currency { basis.restaurant.currency }

  var fields: [String: Any?] {
    var known: [String: String] = [:]
    if form.saved == nil, let address = form.address {
      known["deliveryAddress.text"] = address.text
      known["deliveryAddress.point.latitude"] = "\(address.point.latitude)"
      known["deliveryAddress.point.longitude"] = "\(address.point.longitude)"
    }
    var fields: [String: Any?] = [
      "f": request.formFields(CheckoutForm.typed, known: known), "isDelivery": form.fulfilment == .delivery,
      "acceptsDelivery": basis.restaurant.acceptsDelivery, "acceptsPickup": basis.restaurant.acceptsPickup,
      "addresses": basis.addresses.map { address in
        view(["id": address.id.description, "label": address.label, "text": address.text, "isChosen": address.id == form.saved?.id])
      },
      "hasAddresses": !basis.addresses.isEmpty, "isTyped": form.saved == nil, "isNow": form.wantedAt == nil, "days": days,
      "savesAddress": request.form["saveAddress"] != nil, "around": "\(basis.restaurant.point.latitude),\(basis.restaurant.point.longitude)",
      "isCash": form.payment.method == .cash, "shut": basis.restaurant.isOpen || basis.restaurant.refusal != nil ? nil : opensLater,
      "lines": basis.basket.items.map { BasketPage.line($0, basis.names, currency, request) }
    ]
    fields["cards"] = CheckoutForm.cards.map { token in
      ["token": token, "name": request.texts["customer.card.\(token)"], "isChosen": token == form.payment.cardToken] as [String: Any]
    }
    fields.merge(tips) { $1 }
    return fields
  }

  /// When a closed restaurant opens, and what to do until then.
  private var opensLater: String {
    let opens = RestaurantCards(request: request, place: nil).opens(at: basis.restaurant.opensAt, in: basis.restaurant.timeZone)
    return request.texts("customer.checkout.chooseTime", ["opens": opens])
  }

  private var days: [[String: Any]] {
    let meters = form.address.map { Int(basis.restaurant.point.distanceMeters(to: $0.point)) }
    let least = RestaurantCards.minutes(preparation: basis.restaurant.preparationMinutes, meters: meters).to
    return WantedTimes(basis.restaurant).byDay(from: request.now, minutes: least).map { day in
      [
        "day": request.formats.day(day.times[0], in: basis.restaurant.timeZone),
        "times": day.times.map { time in
          [
            "value": time.description, "time": request.formats.time(time, in: basis.restaurant.timeZone), "isChosen": time == form.wantedAt
          ] as [String: Any]
        }
      ]
    }
  }

  /// Nothing, and some parts of the sum as round amounts.
  private var tips: [String: Any?] {
    let sum = basis.basket.subtotal.flatMap { Money($0, currency) } ?? .zero(currency)
    var step = 1
    for _ in 1..<max(1, currency.exponent) { step *= 10 }
    let sent = request.form["tip"]
    let amounts = [0, 5, 10, 15].map { percent -> (percent: Int, money: Money) in
      let exact = sum.share(percent, of: 100).units
      return (percent, Money(units: (exact + step / 2) / step * step, currency))
    }
    let isOther = sent == "other" || (sent != nil && !amounts.contains { $0.money.amount.description == sent })
    return [
      "tips": amounts.map { tip in
        view([
          "id": "tip-\(tip.percent)", "value": tip.money.amount.description,
          "name": tip.percent == 0 ? request.texts["customer.tip.none"] : request.formats.percent(Amount(units: tip.percent, scale: 0)),
          "amount": tip.percent == 0 ? nil : request.formats.money(tip.money.amount, currency),
          "isChosen": !isOther && (sent.map { $0 == tip.money.amount.description } ?? (tip.percent == 0))
        ])
      },
      "isOtherTip": isOther, "currency": currency.code
    ]
  }

  /// What is wrong, by the part of the page that it is told in.
  func errors(_ problem: Problem?) -> [String: Any?] {
    var errors: [String: Any?] = [:]
    guard let problem else { return errors }
    func tell(_ place: String, _ fault: Fault?) { if errors["error_\(place)"] == nil { errors["error_\(place)"] = sentence(problem, fault) } }
    for fault in problem.faults {
      switch fault.path {
      case let path where path.hasPrefix("deliveryAddress.text"): tell("text", fault)
      case let path where path.hasPrefix("deliveryAddress.point"): tell("point", fault)
      case let path where path.hasPrefix("deliveryAddress.instructions"): tell("courier", fault)
      case let path where path.hasPrefix("deliveryAddress"): tell("address", fault)
      case "fulfilment": tell("fulfilment", fault)
      case "restaurantId", "wantedAt": tell("wantedAt", fault)
      case "tip": tell("tip", fault)
      case let path where path.hasPrefix("payment"): tell("payment", fault)
      case let path where path.hasPrefix("items"): tell("items", fault)
      case "expectedTotal": tell("price", fault)
      case "specialInstructions": tell("instructions", fault)
      default: tell("whole", fault)
      }
    }
    if problem.faults.isEmpty { tell("whole", nil) }
    return errors
  }

  /// Why not, in the reader's words and with what they need to know of this restaurant.
  func sentence(_ problem: Problem, _ fault: Fault?) -> String {
    switch problem.code {
    case _ where fault?.path == "tip": request.texts["customer.problem.amount_invalid"]
    case "below_minimum":
      request.texts("customer.minimum", ["amount": request.formats.money(basis.restaurant.minimumOrder, currency)])
    case "out_of_range":
      request.texts("customer.problem.out_of_range", ["distance": request.formats.distance(meters: basis.restaurant.deliveryRadiusMeters)])
    case "restaurant_closed":
      basis.restaurant.isOpen
        ? request.texts["customer.problem.restaurant_closed_then"]
        : opensLater
    default: request.sentence(of: fault, in: problem)
    }
  }
}
