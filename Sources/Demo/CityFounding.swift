import Kernel
import ServiceKit
import WebClient
import Wire

/// Makes the planned city through the public interface; what is there already is left as it is.
struct CityFounding: Sendable {
  let client: WebClient
  let password: String
  let time: TimeSource

  /// Makes one tenant with its restaurants and menus.
  ///
  /// - Returns: the owner, signed in as such.
  func found(_ tenant: CityPlan.PlannedTenant) async throws -> DemoSession {
    let owner = try await DemoSession.open(tenant.owner, role: "customer", password: password, client, time)
    if owner.tenantId == nil {
      let _: Identified = try await owner.send(.post, "/api/tenants", Named(name: tenant.name))
      // The role is in the next token; where it is granted by an event, a moment later.
      for _ in 0..<20 where owner.tenantId == nil {
        try await owner.renew()
        if owner.tenantId == nil { try await time.sleep(for: .milliseconds(200)) }
      }
    }
    let existing: Page<DemoRestaurant> = try await owner.get("/api/my-restaurants")
    for restaurant in tenant.restaurants {
      let id: String
      if let known = existing.items.first(where: { $0.name == restaurant.name }) {
        id = known.id
      } else {
        let made: Identified = try await owner.send(.post, "/api/restaurants", description(of: restaurant))
        id = made.id
      }
      try await fill(id, restaurant, owner)
    }
    return owner
  }

  private func description(of restaurant: CityPlan.PlannedRestaurant) -> NewRestaurant {
    let day = restaurant.intervals.map { DemoHours(opens: $0.opens, closes: $0.closes) }
    let week = DemoWeek(monday: day, tuesday: day, wednesday: day, thursday: day, friday: day, saturday: day, sunday: day)
    return NewRestaurant(
      name: restaurant.name, address: restaurant.place.address, point: restaurant.place.point, timeZone: Saltmere.timeZone,
      currency: Saltmere.currency, cuisineTypes: [restaurant.cuisine], openingHours: week,
      minimumOrder: Amount(units: restaurant.minimumPence), preparationMinutes: restaurant.preparationMinutes, deliveryRadiusMeters: 5000,
      taxRules: [DemoTax(name: "VAT", ratePercent: Amount(units: 20, scale: 0), isIncluded: true)])
  }

  private func fill(_ restaurantId: String, _ restaurant: CityPlan.PlannedRestaurant, _ owner: DemoSession) async throws {
    let menu: DemoMenu = try await owner.get("/api/restaurants/\(restaurantId)/menu")
    guard menu.categories.allSatisfy({ $0.items.isEmpty }) else { return }
    var items: [NewItem] = []
    for (number, section) in restaurant.sections.enumerated() {
      let categoryId: String
      if let known = menu.categories.first(where: { $0.name == section.name }) {
        categoryId = known.id
      } else {
        let made: Identified = try await owner.send(
          .post, "/api/menus/categories", NewCategory(restaurantId: restaurantId, name: section.name, sortOrder: number))
        categoryId = made.id
      }
      for (place, dish) in section.dishes.enumerated() {
        items.append(
          NewItem(
            categoryId: categoryId, name: dish.name, price: Amount(units: dish.pence), description: dish.description, sortOrder: place,
            optionGroups: section.optionSets.compactMap(Self.group)))
      }
    }
    try await owner.tell(.post, "/api/menus/items/batch", NewItems(restaurantId: restaurantId, items: items))
  }

  private static func group(_ name: String) -> NewOptionGroup? {
    OptionSets.all[name].map { set in
      NewOptionGroup(
        name: name, minimum: set.minimum, maximum: set.maximum,
        options: set.choices.map { NewOption(name: $0.name, price: Amount(units: $0.pence)) })
    }
  }
}
