import CatalogAPI
import IdentityAPI
import Kernel
import OrderingAPI
import Pages
import PricingAPI
import ServiceKit
import WebServer
import Wire

/// From a basket to an order: how it is brought, what it costs, how it is paid.
///
/// The page carries a key that was made with it, so that a form that comes twice brings the first order again.
struct CheckoutPage: Sendable {
  let request: PageRequest

  /// What the page is made of.
  struct Basis: Sendable {
    var basket: Cart
    var restaurant: Restaurant
    var names: DishNames
    var addresses: [SavedAddress]
  }

  static let lastOrder = "tiffin_last_order"

  private func basis() async throws -> Basis? {
    async let saved = request.addresses()
    let basket = try await request.basket()
    guard let id = basket.restaurantId, !basket.items.isEmpty else { return nil }
    async let asked = request.call(GetRestaurant(restaurantId: id))
    async let menu = request.call(GetMenu(restaurantId: id))
    return Basis(basket: basket, restaurant: try await asked.value(), names: DishNames(try await menu.value()), addresses: await saved)
  }

  func answer() async throws -> WebResponse {
    guard let basis = try await basis() else { return orderedOrEmpty }
    let form = CheckoutForm(request.form, isSent: false, restaurant: basis.restaurant, addresses: basis.addresses, place: request.place)
    return try await page(basis, form, key: request.freshKey(), problem: nil)
  }

  /// Where an empty basket leads: to the order that was made of it a moment ago, as after the back button, else to the basket.
  private var orderedOrEmpty: WebResponse {
    let last = request.cookie(Self.lastOrder).flatMap { OrderID($0) }
    return request.redirect(to: last.map { "/orders/\($0)" } ?? "/basket")
  }

  /// The price anew, after something was changed; for a script.
  func price() async throws -> WebResponse {
    guard let basis = try await basis() else { throw Problem(409, "cart_empty", "The basket is empty.") }
    let form = CheckoutForm(request.form, isSent: true, restaurant: basis.restaurant, addresses: basis.addresses, place: nil)
    let price = try await preview(basis, form)
    return try request.page("customer/checkout-price", view(priceFields(price, basis, form)))
  }

  func place() async throws -> WebResponse {
    guard request.caller.user != nil else { return request.redirect(to: "/sign-in?for=customer&then=%2Fcheckout") }
    let form = CheckoutForm(request.form, isSent: true, restaurant: nil, addresses: await request.addresses(), place: nil)
    let key = request.form["idempotencyKey"] ?? request.freshKey()
    // Without scripts, the price is asked for with a button of its own.
    if request.form["do"] == "price" { return try await again(form, key: key, problem: nil) }
    if !form.faults.isEmpty { return try await again(form, key: key, problem: Problem(InvalidInput(form.faults))) }
    let placed: OrderID
    do {
      // Whatever became of the basket since: a key that was used is answered with its order.
      placed = try await request.call(form.order(expecting: request.form.amount("expectedTotal"), key: key)).id
    } catch {
      return try await answer(error.problem, form, key: key)
    }
    if request.form["saveAddress"] != nil, form.saved == nil, let address = form.address { await save(address) }
    return ordered(placed)
  }

  /// What a form leads to that became no order.
  private func answer(_ problem: Problem, _ form: CheckoutForm, key: String) async throws -> WebResponse {
    switch problem.code {
    case "cart_empty": return orderedOrEmpty
    case "idempotency_conflict":
      // The first of two forms was taken, and its answer was lost on the way; this one says something else.
      if let order = try await request.call(ListOrders(mine: true, limit: 1)).items.first { return ordered(order.id) }
      return try await again(form, key: request.freshKey(), problem: problem)
    // What is not answered yet must be asked under the same key; a refusal is the end of its key.
    default: return try await again(form, key: problem.status >= 500 || problem.status == 429 ? key : request.freshKey(), problem: problem)
    }
  }

  private func again(_ form: CheckoutForm, key: String, problem: Problem?) async throws -> WebResponse {
    guard let basis = try await basis() else { return orderedOrEmpty }
    return try await page(basis, form, key: key, problem: problem)
  }

  private func ordered(_ id: OrderID) -> WebResponse {
    request.keep(Self.lastOrder, id.description, seconds: 1800)
    // A script goes there itself, and leaves no payable page behind it.
    if request.wantsPart { return WebResponse(201, contentType: "text/plain; charset=utf-8", headers: [("Location", "/orders/\(id)")]) }
    return request.redirect(to: "/orders/\(id)")
  }

  private func save(_ address: DeliveryAddress) async {
    let label = String(address.text.prefix { $0 != "," }.prefix(50))
    _ = try? await request.call(AddAddress(label: label, text: address.text, point: address.point, instructions: address.instructions))
  }

  // MARK: The page

  /// A price, or why there is none.
  private func preview(_ basis: Basis, _ form: CheckoutForm) async throws -> Result<PricePreview, Problem>? {
    if form.fulfilment == .delivery, form.address == nil { return nil }
    if form.faults.contains(where: { $0.path == "tip" }) || !basis.basket.items.contains(where: \.isAvailable) { return nil }
    do {
      let preview = try await request.call(form.preview(basis.basket, at: basis.restaurant.id))
      return .success(preview)
    } catch {
      guard error.problem.status < 500 else { throw error.problem }
      return .failure(error.problem)
    }
  }

  private func page(_ basis: Basis, _ form: CheckoutForm, key: String, problem: Problem?) async throws -> WebResponse {
    let price = try await preview(basis, form)
    var fields = priceFields(price, basis, form)
    fields.merge(RestaurantPage.head(basis.restaurant, request)) { $1 }
    let view = CheckoutView(request: request, basis: basis, form: form)
    fields.merge(view.fields) { $1 }
    fields["idempotencyKey"] = key
    // What stands in the way of a price stands in the way of the order, and is said before anybody tries.
    var shown = problem
    if shown == nil, case .failure(let why)? = price { shown = why }
    fields.merge(view.errors(shown)) { $1 }
    if let problem, problem.code == "price_changed", case .success(let preview)? = price {
      fields["error_price"] = request.texts(
        "customer.checkout.priceChanged",
        [
          "before": request.form.amount("expectedTotal").map { request.formats.money($0, preview.currency) } ?? "",
          "now": request.formats.money(preview.price.total, preview.currency)
        ])
    }
    return try request.framed("customer/checkout", status: problem?.status ?? 200, tab: .basket, basket: basis.basket, fields)
  }

  private func priceFields(_ result: Result<PricePreview, Problem>?, _ basis: Basis, _ form: CheckoutForm) -> [String: Any?] {
    guard case .success(let preview)? = result else {
      var why = request.texts["customer.checkout.needsAddress"]
      if form.faults.contains(where: { $0.path == "tip" }) { why = request.texts["customer.problem.amount_invalid"] }
      if case .failure(let problem)? = result {
        why = CheckoutView(request: request, basis: basis, form: form).sentence(problem, problem.faults.first)
      }
      return [
        "price": nil, "whyNoPrice": why, "expectedTotal": nil, "pay": request.texts["customer.checkout.order"],
        "subtotal": basis.basket.subtotal.map { request.formats.money($0, basis.restaurant.currency) }
      ]
    }
    let price = preview.price
    return [
      "price": PriceRows(formats: request.formats, texts: request.texts).fields(
        PriceRows.Amounts(
          currency: preview.currency, subtotal: price.subtotal, deliveryFee: form.fulfilment == .delivery ? price.deliveryFee : nil,
          discount: price.discount, taxLines: price.taxLines, tip: price.tip, total: price.total)),
      "expectedTotal": price.total.description,
      "pay": request.texts("customer.checkout.orderFor", ["total": request.formats.money(price.total, preview.currency)])
    ]
  }
}
