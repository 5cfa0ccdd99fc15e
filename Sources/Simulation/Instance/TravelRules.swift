/// How couriers move and are paid in an instance; all times in minutes of its day.
public struct TravelRules: Hashable, Sendable {
  public var metersPerMinute: Double
  public var pickupServiceMinutes: Int
  public var dropoffServiceMinutes: Int
  public var targetClickToDoor: Int
  public var maximumClickToDoor: Int
  public var payPerOrder: Double
  public var guaranteedPayPerHour: Double

  public init(
    metersPerMinute: Double, pickupServiceMinutes: Int, dropoffServiceMinutes: Int, targetClickToDoor: Int, maximumClickToDoor: Int,
    payPerOrder: Double, guaranteedPayPerHour: Double
  ) {
    self.metersPerMinute = metersPerMinute
    self.pickupServiceMinutes = pickupServiceMinutes
    self.dropoffServiceMinutes = dropoffServiceMinutes
    self.targetClickToDoor = targetClickToDoor
    self.maximumClickToDoor = maximumClickToDoor
    self.payPerOrder = payPerOrder
    self.guaranteedPayPerHour = guaranteedPayPerHour
  }

  /// Whole minutes, rounded up.
  public func travelMinutes(_ from: Instance.Spot, _ to: Instance.Spot) -> Int {
    Int((from.meters(to: to) / metersPerMinute).rounded(.up))
  }

  /// When one delivery's parts happen for a courier who sets out at a whole minute.
  public func trip(from spot: Instance.Spot, departing departure: Int, to order: Instance.Order, at restaurant: Instance.Spot) -> Trip {
    let arrival = departure + travelMinutes(spot, restaurant)
    let pickup = max(order.readyMinute, arrival + pickupServiceMinutes / 2)
    let leaving = pickup + (pickupServiceMinutes + 1) / 2
    let atDoor = leaving + travelMinutes(restaurant, order.spot)
    let dropoff = atDoor + dropoffServiceMinutes / 2
    return Trip(
      departure: departure, restaurantArrival: arrival, pickup: pickup, restaurantDeparture: leaving, doorArrival: atDoor, dropoff: dropoff,
      free: dropoff + (dropoffServiceMinutes + 1) / 2)
  }

  /// What a courier is paid for a shift: by the order, but at least by the hour.
  public func pay(orders: Int, shiftMinutes: Int) -> Double {
    max(payPerOrder * Double(orders), guaranteedPayPerHour * Double(shiftMinutes) / 60)
  }
}

/// The minutes of one delivery.
public struct Trip: Hashable, Sendable {
  public var departure: Int
  public var restaurantArrival: Int
  public var pickup: Int
  public var restaurantDeparture: Int
  public var doorArrival: Int
  public var dropoff: Int
  /// When the courier may leave for the next.
  public var free: Int
}
