import CatalogAPI
import Kernel
import OrderingAPI
import Pages
import ServiceKit
import WebServer

/// What is about to be ordered, and everything that puts something in or takes it out.
struct BasketPage: Sendable {
  let request: PageRequest

  func answer() async throws -> WebResponse {
    let basket = try await request.basket()
    return request.query["part"] == "dock" ? try dock(basket, [:]) : try await answer(basket, problem: nil)
  }

  /// The bar at the foot of a menu.
  private func dock(_ basket: Cart, _ fields: [String: Any?]) throws -> WebResponse {
    let own: [String: Any?] = ["dock": request.dock(basket), "basketCount": request.formats.number(basket.itemCount)]
    return try request.page("customer/dock", view(own.merging(fields) { $1 }))
  }

  private func answer(_ basket: Cart, problem: Problem?) async throws -> WebResponse {
    let fields = try await Self.fields(basket, request, problem: problem)
    if request.wantsPart { return try request.page("customer/basket-lines", status: problem?.status ?? 200, view(fields)) }
    return try request.framed("customer/basket", status: problem?.status ?? 200, tab: .basket, basket: basket, fields)
  }

  static func fields(_ basket: Cart, _ request: PageRequest, problem: Problem?) async throws -> [String: Any?] {
    var fields: [String: Any?] = ["isEmpty": basket.items.isEmpty, "problem": problem.map { request.sentence(of: $0.faults.first, in: $0) }]
    if let skipped = request.query.integer("skipped"), skipped > 0 { fields["skipped"] = request.texts.counting("customer.again.skipped", skipped) }
    guard let id = basket.restaurantId else { return fields }
    async let asked = request.call(GetRestaurant(restaurantId: id))
    async let askedMenu = request.call(GetMenu(restaurantId: id))
    let restaurant = try await asked.value()
    let names = DishNames(try await askedMenu.value())
    fields.merge(RestaurantPage.head(restaurant, request)) { $1 }
    fields["currency"] = restaurant.currency.code
    fields["lines"] = basket.items.map { line($0, names, restaurant.currency, request) }
    fields["subtotal"] = basket.subtotal.map { request.formats.money($0, restaurant.currency) }
    let sum = basket.subtotal.flatMap { Money($0, restaurant.currency) } ?? .zero(restaurant.currency)
    let least = Money(restaurant.minimumOrder, restaurant.currency) ?? .zero(restaurant.currency)
    let missing = least.units > sum.units ? request.formats.money((least - sum).amount, restaurant.currency) : nil
    fields["least"] = least.amount.description
    fields["missing"] = missing.map { request.texts("customer.basket.missing", ["amount": $0]) }
    fields["hasGone"] = basket.items.contains { !$0.isAvailable }
    fields["mayOrder"] = missing == nil && restaurant.refusal == nil && basket.items.allSatisfy(\.isAvailable)
    return fields
  }

  static func line(_ line: CartLine, _ names: DishNames, _ currency: Currency, _ request: PageRequest) -> [String: Any] {
    view([
      "lineId": line.lineId.description, "lineName": line.name ?? names.dishes[line.menuItemId] ?? request.texts["customer.basket.gone"],
      "lineOptions": line.optionIds.compactMap { names.options[$0] }.joined(separator: ", "), "notes": line.specialInstructions,
      "quantity": "\(line.quantity)", "less": "\(line.quantity - 1)", "more": "\(min(99, line.quantity + 1))", "isFull": line.quantity >= 99,
      "unitValue": line.unitPrice?.description, "lineTotal": line.lineTotal.map { request.formats.money($0, currency) },
      "gone": line.isAvailable ? nil : request.texts[line.problem == "item_unavailable" ? "customer.item.out" : "customer.basket.cannot"]
    ])
  }

  // MARK: Putting in

  /// Puts a dish in; asks first where that would empty the basket.
  func add() async throws -> WebResponse {
    let form = request.form
    guard let restaurantId = form.id("restaurantId", RestaurantID.self), let itemId = form.id("menuItemId", MenuItemID.self) else {
      throw Problem(400, "invalid_input", "The form names no dish.")
    }
    let quantity = form.integer("quantity") ?? 1
    let options = form.chosenOptions
    let notes = form["specialInstructions"]
    let wanted = AddCartItem(
      restaurantId: restaurantId, menuItemId: itemId, quantity: quantity, optionIds: options, specialInstructions: notes,
      replace: form["replace"] != nil)
    let basket: Cart
    do {
      basket = try await request.withBasket { try await request.call(wanted) }
    } catch let failure as any ProblemMaking {
      let problem = failure.problem
      if problem.code == "cart_other_restaurant" { return try await askToReplace(restaurantId) }
      guard problem.status < 500, problem.status != 404 else { throw problem }
      return try await DishPage(request: request).answer(itemId, of: restaurantId, problem: problem)
    }
    guard request.wantsPart else { return request.redirect(to: "/restaurants/\(restaurantId)#item-\(itemId)") }
    let line = basket.items.last {
      $0.menuItemId == itemId && Set($0.optionIds) == Set(options) && ($0.specialInstructions ?? "") == (notes ?? "")
    }
    return try dock(
      basket, ["lineId": line?.lineId.description, "before": line.map { "\(max(0, $0.quantity - quantity))" }, "added": line?.name])
  }

  private func askToReplace(_ restaurantId: RestaurantID) async throws -> WebResponse {
    async let asked = request.call(GetRestaurant(restaurantId: restaurantId))
    let basket = try await request.basket()
    let restaurant = try await asked.value()
    var fields: [String: Any?] = [
      "action": "/basket/items", "name": restaurant.name, "href": "/restaurants/\(restaurantId)", "other": basket.restaurantName,
      "question": request.texts("customer.replace.question", ["other": basket.restaurantName ?? "", "name": restaurant.name]),
      "sent": request.form.all.filter { $0.field != "part" && $0.field != "replace" }.map { ["field": $0.field, "text": $0.text] }
    ]
    if request.wantsPart { return try request.page("customer/replace-form", status: 409, view(fields)) }
    fields["isPage"] = true
    return try request.framed("customer/replace", status: 409, tab: .basket, basket: basket, fields)
  }

  // MARK: Changing

  /// Sets the quantity of a line, or its wish to the kitchen.
  func change() async throws -> WebResponse {
    let id = try request.id("lineId", CartLineID.self)
    // An empty wish takes back what was wished.
    let notes = request.form.has("specialInstructions") ? request.form["specialInstructions"] ?? "" : nil
    let wanted = ChangeCartItem(lineId: id, quantity: request.form.integer("quantity"), specialInstructions: notes)
    do {
      let basket = try await request.call(wanted)
      guard request.wantsPart else { return request.redirect(to: "/basket") }
      return try await answer(basket, problem: nil)
    } catch let failure as CallFailure<OrderRefusal> {
      let problem = failure.problem
      guard problem.status < 500 else { throw problem }
      // A line that is gone was taken out in another window: what there is now says it all.
      if problem.code != "cart_line_unknown" { return try await answer(try await request.basket(), problem: problem) }
    }
    return request.redirect(to: "/basket")
  }

  func clear() async throws -> WebResponse {
    if request.caller.user != nil || request.caller.cartKey != nil { _ = try await request.call(ClearCart()) }
    return request.redirect(to: request.next(or: "/basket"))
  }
}

/// What dishes and options of a menu are called.
struct DishNames: Sendable {
  var dishes: [MenuItemID: String] = [:]
  var options: [OptionID: String] = [:]

  init(_ menu: Menu) {
    for item in menu.categories.flatMap(\.items) {
      dishes[item.id] = item.name
      for option in item.optionGroups.flatMap(\.options) { options[option.id] = option.name }
    }
  }
}
