import Kernel

/// What the founders build: tenants with their restaurants and menus, all from the seed.
struct CityPlan: Sendable {
  struct PlannedTenant: Sendable {
    let name: String
    let owner: Saltmere.Person
    var restaurants: [PlannedRestaurant]
  }

  struct PlannedRestaurant: Sendable {
    let name: String
    let cuisine: String
    let place: Saltmere.Place
    let intervals: [(opens: String, closes: String)]
    let preparationMinutes: Int
    let minimumPence: Int
    let sections: [CuisineSection]
  }

  let tenants: [PlannedTenant]
  let customers: [Saltmere.Person]
  let couriers: [Saltmere.Person]

  /// Sixty restaurants with some twenty-five dishes each.
  init(seed: UInt64) {
    let chance = DemoChance(seed: seed, "plan")
    let owners = Saltmere.people("owner", 30, seed: seed)
    var tenants: [PlannedTenant] = []
    var restaurants: [PlannedRestaurant] = []
    for (index, cuisine) in Cuisine.all.enumerated() {
      for (number, name) in cuisine.restaurants.enumerated() {
        let quarter = Saltmere.quarters[(index + number * 3) % Saltmere.quarters.count]
        restaurants.append(Self.restaurant(name, cuisine, in: quarter, chance))
      }
    }
    // Every owner has two places, of different kitchens where the list allows it.
    for (number, owner) in owners.enumerated() {
      let own = [restaurants[number], restaurants[number + 30]]
      tenants.append(PlannedTenant(name: "\(owner.lastName) & Company \(number + 1)", owner: owner, restaurants: own))
    }
    self.tenants = tenants
    customers = Saltmere.people("customer", 30, seed: seed)
    couriers = Saltmere.people("courier", 40, seed: seed)
  }

  private static func restaurant(_ name: String, _ cuisine: Cuisine, in quarter: Saltmere.Quarter, _ chance: DemoChance) -> PlannedRestaurant {
    let total = cuisine.sections.reduce(0) { $0 + $1.dishes.count }
    let factor = chance.between(0.9, 1.15)
    let sections = cuisine.sections.map { section in
      // Rounded up, so that even a small section keeps something.
      let share = max(1, (section.dishes.count * 25 + total - 1) / total)
      let dishes = chance.sample(section.dishes, share).map { dish in
        // Prices end in tens of pence.
        Dish(name: dish.name, pence: Int((Double(dish.pence) * factor / 10).rounded()) * 10, description: dish.description)
      }
      return CuisineSection(name: section.name, optionSets: section.optionSets, dishes: dishes)
    }
    return PlannedRestaurant(
      name: name, cuisine: cuisine.name, place: Saltmere.door(in: quarter, chance), intervals: hours(chance),
      preparationMinutes: chance.number(10...25), minimumPence: chance.pick([0, 500, 800, 1000]), sections: sections)
  }

  /// Two thirds never close, since ships come at any hour; so there is life in the city whenever somebody looks.
  private static func hours(_ chance: DemoChance) -> [(opens: String, closes: String)] {
    if chance.happens(66) { return [("00:00", "24:00")] }
    return chance.pick([
      [("11:30", "14:30"), ("17:00", "23:00")],
      [("12:00", "22:30")],
      [("17:00", "02:00")],
      [("07:00", "16:00")]
    ])
  }
}
