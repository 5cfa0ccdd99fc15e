import CatalogAPI
import Kernel
import Pages
import ServiceKit
import WebServer
import Wire

/// One dish with its choices, as a page of its own or, for a script, as the form alone.
struct DishPage: Sendable {
  let request: PageRequest

  func answer() async throws -> WebResponse {
    try await answer(
      try request.id("menuItemId", MenuItemID.self), of: try request.id("restaurantId", RestaurantID.self), problem: nil)
  }

  /// - Parameter problem: why what the form said was not put into the basket.
  func answer(_ id: MenuItemID, of restaurantId: RestaurantID, problem: Problem?) async throws -> WebResponse {
    async let asked = request.call(GetMenuItem(menuItemId: id))
    async let askedRestaurant = request.call(GetRestaurant(restaurantId: restaurantId))
    async let basket = request.wantsPart ? .empty : request.basketIfReached()
    let (item, restaurant) = (try await asked, try await askedRestaurant.value())
    try restaurant.mustBeShown(to: request.caller)
    guard item.restaurantId == restaurantId else { throw Problem(404, "not_found", "There is nothing at this path.") }
    var fields = RestaurantPage.head(restaurant, request)
    fields["itemId"] = item.id.description
    fields["itemName"] = item.name
    fields["itemAbout"] = item.description
    fields["itemImage"] = request.picture(item.imageUrl)
    fields["price"] = request.formats.money(item.price, item.currency)
    fields["priceValue"] = item.price.description
    fields["currency"] = item.currency.code
    fields["isAvailable"] = item.isAvailable
    fields["back"] = item.isAvailable ? nil : RestaurantPage.back(item, in: restaurant.timeZone, request)
    fields["f"] = request.formFields(["quantity", "specialInstructions"], known: ["quantity": "1"], problem: problem)
    let chosen = Set(request.form.chosenOptions)
    let groups = item.optionGroups.map { group($0, of: item, chosen: chosen, isSent: problem != nil) }
    fields["groups"] = groups
    // What is wrong is told where it is; only what belongs to no group stands above.
    let isTold =
      groups.contains { $0["error"] as? String != nil } || problem?.faults.contains { ["quantity", "specialInstructions"].contains($0.path) } ?? false
    fields["problem"] = isTold ? nil : problem.map { request.sentence(of: $0.faults.first, in: $0) }
    if request.wantsPart { return try request.page("customer/dish-form", status: problem?.status ?? 200, view(fields)) }
    return try request.framed("customer/dish", status: problem?.status ?? 200, tab: .home, basket: await basket, fields)
  }

  private func group(_ group: OptionGroup, of item: MenuItem, chosen: Set<OptionID>, isSent: Bool) -> [String: Any] {
    let isOne = group.maximum == 1 && (group.minimum == 1 || group.options.count > 1)
    let count = group.options.filter { chosen.contains($0.id) }.count
    let fallback = isOne && group.minimum == 1 && !isSent ? group.options.first(where: \.isAvailable)?.id : nil
    var error: String?
    if isSent, count < group.minimum {
      error = request.texts.counting("customer.options.least", group.minimum)
    } else if isSent, count > group.maximum {
      error = request.texts.counting("customer.options.most", group.maximum)
    }
    return view([
      "groupId": group.id.description, "groupName": group.name, "rule": rule(group), "error": error, "least": "\(group.minimum)",
      "most": "\(group.maximum)", "isOne": isOne, "isOptional": group.minimum == 0, "isNoneChosen": count == 0,
      "options": group.options.map { option in
        view([
          "optionId": option.id.description, "optionName": option.name,
          "optionPrice": option.price.units == 0 ? nil : "+\(request.formats.money(option.price, item.currency))",
          "optionValue": option.price.description, "isOut": !option.isAvailable, "isChosen": chosen.contains(option.id) || option.id == fallback
        ])
      }
    ])
  }

  private func rule(_ group: OptionGroup) -> String {
    if group.minimum == group.maximum { return request.texts.counting("customer.options.exactly", group.minimum) }
    if group.minimum == 0 { return request.texts.counting("customer.options.most", min(group.maximum, group.options.count)) }
    return request.texts(
      "customer.options.between", ["least": request.formats.number(group.minimum), "most": request.formats.number(group.maximum)])
  }
}

extension Fields {
  /// The options that a form of a dish chose: each group has a name of its own, so that one choice of each can be asked for.
  var chosenOptions: [OptionID] {
    all.compactMap { $0.field.hasPrefix("optionIds") ? OptionID($0.text) : nil }
  }
}
