import CatalogAPI
import Kernel
import OrderingAPI
import PaymentsAPI
import PricingAPI
import ServiceKit
import Synchronization
import Wire

/// A menu of two dishes, and prices without fees.
final class FakeCatalog: Sendable {
  struct State {
    var price = Amount(units: 1250)
    var isOpen = true
    var isGone = false
    var quotes = 0
  }

  let restaurant = RestaurantID(high: 3, low: 1)
  let otherRestaurant = RestaurantID(high: 3, low: 2)
  let dish = MenuItemID(high: 4, low: 1)
  let side = MenuItemID(high: 4, low: 2)
  let otherDish = MenuItemID(high: 4, low: 3)
  let state = Mutex(State())

  func terms(_ restaurant: RestaurantID) -> RestaurantTerms {
    RestaurantTerms(
      restaurantId: restaurant, tenantId: restaurant == self.restaurant ? People.tenant : People.otherTenant, name: "Tiffin House", currency: .usd,
      timeZone: "America/New_York", address: "2 Side Street", point: GeoPoint(latitude: 40.71, longitude: -74.0), preparationMinutes: 20,
      minimumOrder: Amount(units: 0), acceptsDelivery: true, acceptsPickup: true, deliveryRadiusMeters: 5000)
  }

  var operations: [any HostedOperation] {
    [
      Hosted(QuoteItems.self, quote), Hosted(PriceOrder.self, price),
      Hosted(GetTerms.self) { [self] request in
        FoundTerms(terms: request.restaurantIds.filter { [restaurant, otherRestaurant].contains($0) }.map(terms))
      }
    ]
  }

  private func quote(_ request: QuoteItems) throws -> ItemsQuote {
    let state = state.withLock { state in
      state.quotes += 1
      return (price: state.price, isOpen: state.isOpen, isGone: state.isGone)
    }
    guard [restaurant, otherRestaurant].contains(request.restaurantId) else {
      throw QuoteItemsRefusal(reason: .restaurantUnknown, path: "restaurantId", message: "unknown")
    }
    if request.checksOpening, !state.isOpen { throw QuoteItemsRefusal(reason: .restaurantClosed, message: "closed") }
    let menu = request.restaurantId == restaurant ? [dish, side] : [otherDish]
    let items = try request.items.enumerated().map { index, wanted in
      guard menu.contains(wanted.menuItemId) else {
        throw QuoteItemsRefusal(reason: .itemUnknown, path: "items[\(index)].menuItemId", message: "unknown")
      }
      if state.isGone, wanted.menuItemId == dish {
        throw QuoteItemsRefusal(reason: .itemUnavailable, path: "items[\(index)].menuItemId", message: "gone")
      }
      return QuotedItem(
        menuItemId: wanted.menuItemId, name: wanted.menuItemId == side ? "Naan" : "Thali", quantity: wanted.quantity, unitPrice: state.price,
        specialInstructions: wanted.specialInstructions)
    }
    return ItemsQuote(terms: terms(request.restaurantId), items: items, isOpen: state.isOpen)
  }

  private func price(_ request: PriceOrder) throws -> PriceBreakdown {
    let currency = request.terms.currency
    let subtotal = request.items.reduce(Money.zero(currency)) { $0 + Money($1.unitPrice, currency)! * $1.quantity }
    let tip = request.tip.flatMap { Money($0, currency) } ?? .zero(currency)
    if subtotal.units > 1_000_000 { throw PriceOrderRefusal(reason: .outOfRange, path: "deliveryAddress", message: "too far") }
    let zero = Amount(units: 0)
    return PriceBreakdown(
      currency: currency, subtotal: subtotal.amount, deliveryFee: zero, discount: zero, tax: zero, tip: tip.amount, total: (subtotal + tip).amount,
      distanceMeters: request.deliveryPoint == nil ? nil : 1100)
  }
}

/// Holds by order, as a provider with memory keeps them.
final class FakePayments: Sendable {
  enum Hold: Equatable { case held, declined, voided }

  struct State {
    var holds: [OrderID: Hold] = [:]
    var calls = 0
    /// How many of the next calls find nobody.
    var isAway = false
    /// Whether the answer is lost after the hold was made.
    var losesAnswers = false
  }

  let state = Mutex(State())

  var operations: [any HostedOperation] { [Hosted(AuthorizePayment.self, authorize), Hosted(VoidPayment.self, void)] }

  /// How many orders have their money held.
  var held: Int { state.withLock { $0.holds.values.count { $0 == .held } } }
  var calls: Int { state.withLock { $0.calls } }

  private func authorize(_ request: AuthorizePayment) throws -> PaymentAuthorization {
    let token = request.choice.cardToken
    let answer = state.withLock { state -> Result<Hold, Unavailable> in
      state.calls += 1
      if state.isAway { return .failure(Unavailable("provider away")) }
      let hold = state.holds[request.orderId] ?? (token == "tok_decline" ? .declined : .held)
      state.holds[request.orderId] = hold
      return state.losesAnswers ? .failure(Unavailable("answer lost")) : .success(hold)
    }
    switch try answer.get() {
    case .held: return PaymentAuthorization(paymentId: Identifier(high: 5, low: request.orderId.low), status: .authorized)
    case .declined, .voided: throw AuthorizePaymentRefusal.declined
    }
  }

  private func void(_ request: VoidPayment) -> Done {
    state.withLock { $0.holds[request.orderId] = .voided }
    return Done()
  }
}
