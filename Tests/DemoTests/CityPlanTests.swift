import Testing

@testable import Demo

@Suite("The demo city") struct CityPlanTests {
  @Test("has sixty restaurants with about fifteen hundred dishes, of every kind of kitchen")
  func size() {
    let plan = CityPlan(seed: 1)
    let restaurants = plan.tenants.flatMap(\.restaurants)
    #expect(restaurants.count == 60)
    #expect(Set(restaurants.map(\.name)).count == 60)
    #expect(Set(restaurants.map(\.cuisine)).count == 12)
    let dishes = restaurants.flatMap(\.sections).reduce(0) { $0 + $1.dishes.count }
    #expect((1400...1800).contains(dishes))
    #expect(plan.couriers.count == 40)
  }

  @Test("is the same for the same seed, and another for another")
  func seeded() {
    func prints(_ seed: UInt64) -> [String] {
      CityPlan(seed: seed).tenants.flatMap(\.restaurants).map { "\($0.name) \($0.place) \($0.sections)" }
    }
    #expect(prints(3) == prints(3))
    #expect(prints(3) != prints(4))
    #expect(DemoCity.password(seed: 3) != DemoCity.password(seed: 4))
  }

  @Test("every dish has a price and words, and every named choice exists", arguments: Cuisine.all.indices)
  func dishes(_ index: Int) {
    let cuisine = Cuisine.all[index]
    #expect(cuisine.restaurants.count == 5)
    for section in cuisine.sections {
      for set in section.optionSets { #expect(OptionSets.all[set] != nil, "\(set)") }
      for dish in section.dishes {
        #expect(dish.pence > 100 && dish.pence < 3000, "\(dish.name)")
        #expect(!dish.name.isEmpty && !dish.description.isEmpty)
      }
    }
  }

  @Test("lies within reach of its own restaurants")
  func reach() {
    let chance = DemoChance(seed: 5, "doors")
    for _ in 0..<500 { #expect(Saltmere.door(chance).point.distanceMeters(to: Saltmere.center) < 3000) }
  }
}
