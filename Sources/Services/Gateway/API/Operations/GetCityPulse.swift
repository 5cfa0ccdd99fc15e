public import Kernel
public import ServiceKit
public import Wire

/// The orders of the whole city in numbers, and the latest of what happened; nothing tells who ordered.
@Wire public struct GetCityPulse: Operation {
  public static let address = OperationAddress("gateway", "getCityPulse")
  /// Whether visitors may see it is the setting `gateway.publicCity`; administrators always may.
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = CityPulse
}

/// The orders of the city as this process saw them since it started.
@Wire public struct CityPulse: Hashable, Sendable {
  public var at: Instant
  public var since: Instant
  /// How many open orders stand at each status, in the order of the state machine.
  public var open: [StatusCount]
  public var placedToday: Int
  /// Delivered, picked up or eaten in.
  public var servedToday: Int
  /// Rejected or cancelled.
  public var endedToday: Int
  /// Minutes from order to door, the mean of the latest deliveries; absent before the first.
  public var doorMinutes: Double?
  /// Minutes from the confirmation until the food can be taken, the mean of the latest; absent before the first.
  public var preparationMinutes: Double?
  /// Orders placed in each of the last thirty minutes, the current one last.
  public var placedByMinute: [Int]
  public var servedByMinute: [Int]
  /// The mean minutes of preparation of what got ready in each of those minutes; null where nothing did.
  public var preparationByMinute: [Double?] = []
  /// The newest first.
  public var latest: [CityMoment]
}

/// How many orders stand at a status.
@Wire public struct StatusCount: Hashable, Sendable {
  public var status: String
  public var count: Int
}

/// Something that happened to some order.
@Wire public struct CityMoment: Hashable, Sendable {
  public var at: Instant
  public var status: String
  public var restaurantName: String
  public var fulfilment: String
}
