import DeliveryAPI
import Kernel

/// How long partners take on their way, estimated from the distance as the crow flies.
enum TravelTime {
  /// Streets are longer than the line: the usual factor for cities.
  static let detour = 1.3

  /// Metres a second in city traffic, stops included.
  static func speed(_ vehicle: VehicleType) -> Double {
    switch vehicle {
    case .foot: 1.4
    case .bicycle: 4.2
    case .scooter, .motorcycle: 6.5
    case .car: 6
    }
  }

  static func seconds(from start: GeoPoint, to end: GeoPoint, by vehicle: VehicleType) -> Double {
    start.distanceMeters(to: end) * detour / speed(vehicle)
  }
}

/// When a delivery is expected at the door.
enum ArrivalEstimate {
  /// All that the estimate hangs on.
  struct Inputs: Hashable, Sendable {
    var status: DeliveryStatus
    var now: Instant
    /// When the kitchen expects to be done.
    var readyAt: Instant?
    var restaurant: GeoPoint
    var customer: GeoPoint
    /// Where the courier was last seen, and when.
    var courier: GeoPoint?
    var seenAt: Instant?
    var vehicle: VehicleType
    /// What a courier takes to the restaurant while none is found.
    var typicalApproachSeconds: Double
  }

  /// Taking the food at the counter, and finding the door.
  static let counterSeconds = 90.0
  static let doorSeconds = 60.0

  /// The earliest and latest moment: 15 % less and 30 % more of what lies ahead, and what the courier's position is old.
  static func range(_ inputs: Inputs) -> ExpectedTimes {
    let onTheWay = TravelTime.seconds(from: inputs.restaurant, to: inputs.customer, by: inputs.vehicle)
    var ahead: Double
    switch inputs.status {
    case .arrivedAtCustomer, .delivered: ahead = 0
    case .pickedUp:
      ahead = inputs.courier.map { TravelTime.seconds(from: $0, to: inputs.customer, by: inputs.vehicle) } ?? onTheWay
    case .arrivedAtRestaurant: ahead = max(0, kitchenSeconds(inputs)) + counterSeconds / 2 + onTheWay
    case .assigned:
      let approach = inputs.courier.map { TravelTime.seconds(from: $0, to: inputs.restaurant, by: inputs.vehicle) } ?? inputs.typicalApproachSeconds
      ahead = max(approach, kitchenSeconds(inputs)) + counterSeconds + onTheWay
    case .searching, .offered, .unassigned, .failed, .cancelled:
      ahead = max(inputs.typicalApproachSeconds, kitchenSeconds(inputs)) + counterSeconds + onTheWay
    }
    if inputs.status != .delivered { ahead += doorSeconds }
    let age = inputs.courier == nil ? 0 : max(0, inputs.seenAt.map { Double(inputs.now.milliseconds - $0.milliseconds) / 1000 } ?? 0)
    let earliest = inputs.now.milliseconds + Int(ahead * 0.85 * 1000)
    let latest = inputs.now.milliseconds + Int((ahead * 1.3 + min(age, 600)) * 1000)
    return ExpectedTimes(earliest: Instant(milliseconds: earliest), latest: Instant(milliseconds: latest))
  }

  private static func kitchenSeconds(_ inputs: Inputs) -> Double {
    inputs.readyAt.map { Double($0.milliseconds - inputs.now.milliseconds) / 1000 } ?? 0
  }
}
