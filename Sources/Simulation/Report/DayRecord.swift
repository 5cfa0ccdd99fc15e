import Kernel
import OrderingAPI
import Synchronization

/// What became of each order and courier of the day, in the instance's minutes.
public struct DayRecord: Sendable {
  public struct OrderOutcome: Sendable, Hashable {
    public var assignmentMinute: Int?
    public var pickupMinute: Int?
    public var dropoffMinute: Int?
    public var courier: String?
    public var offers = 0
    /// The state it ended in, as the server says.
    public var status: String?
    /// Why it was never accepted by the server, if it was not.
    public var refusal: String?

    public init() {}
  }

  /// One way of a courier between two places named by the instance; `0` for where they started.
  public struct Leg: Sendable, Hashable {
    public var departure: Int
    public var origin: String
    public var destination: String

    public init(departure: Int, origin: String, destination: String) {
      self.departure = departure
      self.origin = origin
      self.destination = destination
    }
  }

  public let instance: Instance
  public var orders: [String: OrderOutcome] = [:]
  public var legs: [String: [Leg]] = [:]
  public var frameMilliseconds: [Double] = []
  public var errors: [String: Int] = [:]
  public var declinedOffers = 0
  public var framesSeen = 0
  public var positionsSent = 0

  public init(instance: Instance) { self.instance = instance }

  /// Notes a delivered order: who, from where, when.
  public mutating func delivered(_ order: Instance.Order, by courier: String, from origin: String, trip: Trip) {
    orders[order.name, default: OrderOutcome()].courier = courier
    orders[order.name]?.assignmentMinute = trip.departure
    orders[order.name]?.pickupMinute = trip.pickup
    orders[order.name]?.dropoffMinute = trip.dropoff
    legs[courier, default: []].append(Leg(departure: trip.departure, origin: origin, destination: order.restaurant))
    legs[courier]?.append(Leg(departure: trip.restaurantDeparture, origin: order.restaurant, destination: order.name))
  }

  public mutating func failed(_ kind: String) { errors[kind, default: 0] += 1 }

  public var deliveredCount: Int { instance.orders.count { orders[$0.name]?.dropoffMinute != nil } }
  public var undeliveredShare: Double {
    instance.orders.isEmpty ? 0 : Double(instance.orders.count - deliveredCount) / Double(instance.orders.count)
  }
}
