import Testing

@testable import Simulation

@Suite struct TravelRulesTests {
  static let rules = TravelRules(
    metersPerMinute: 320, pickupServiceMinutes: 4, dropoffServiceMinutes: 4, targetClickToDoor: 40, maximumClickToDoor: 90, payPerOrder: 10,
    guaranteedPayPerHour: 15)

  @Test(arguments: [(0.0, 0), (1, 1), (320, 1), (320.5, 2), (640, 2), (3200, 10), (3201, 11)])
  func travelIsRoundedUpToWholeMinutes(meters: Double, minutes: Int) {
    #expect(Self.rules.travelMinutes(.init(x: 0, y: 0), .init(x: meters, y: 0)) == minutes)
  }

  @Test func travelIsAlongTheStraightLine() {
    #expect(Self.rules.travelMinutes(.init(x: 0, y: 0), .init(x: 960, y: 1280)) == 5)
  }

  /// 10 minutes to the restaurant, 5 from there to the door.
  private func trip(ready: Int) -> Trip {
    let order = Instance.Order(name: "o", spot: .init(x: 4800, y: 0), placementMinute: 0, restaurant: "r", readyMinute: ready)
    return Self.rules.trip(from: .init(x: 0, y: 0), departing: 100, to: order, at: .init(x: 3200, y: 0))
  }

  @Test func foodThatIsReadyIsTakenHalfTheServiceAfterArrival() {
    #expect(
      trip(ready: 105)
        == Trip(departure: 100, restaurantArrival: 110, pickup: 112, restaurantDeparture: 114, doorArrival: 119, dropoff: 121, free: 123))
  }

  @Test func foodThatIsNotReadyIsWaitedFor() {
    #expect(
      trip(ready: 130)
        == Trip(departure: 100, restaurantArrival: 110, pickup: 130, restaurantDeparture: 132, doorArrival: 137, dropoff: 139, free: 141))
  }

  @Test(arguments: [(0, 120, 30.0), (3, 120, 30), (4, 120, 40), (1, 0, 10)])
  func payIsByTheOrderButAtLeastByTheHour(orders: Int, shiftMinutes: Int, pay: Double) {
    #expect(Self.rules.pay(orders: orders, shiftMinutes: shiftMinutes) == pay)
  }

  @Test func placesOnTheGlobeKeepTheirDistances() {
    let map = CityMap()
    for (x, y) in [(0.0, 9000.0), (12_000, 0), (8125, 7494), (20_000, 20_000)] {
      let meters = map.point(.init(x: 0, y: 0)).distanceMeters(to: map.point(.init(x: x, y: y)))
      let flat = Instance.Spot(x: 0, y: 0).meters(to: .init(x: x, y: y))
      #expect(abs(meters - flat) < flat * 0.003, "\(x), \(y): \(meters) on the globe, \(flat) on the plane")
    }
  }

  @Test func isBetweenTwoSpotsByTheShareOfTheWay() {
    let from = Instance.Spot(x: 0, y: 0)
    let to = Instance.Spot(x: 100, y: 200)
    #expect(CityMap.between(from, to, share: 0.5) == .init(x: 50, y: 100))
    #expect(CityMap.between(from, to, share: -1) == from)
    #expect(CityMap.between(from, to, share: 7) == to)
  }
}
