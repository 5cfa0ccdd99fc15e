public import ServiceKit

/// What the nodes of one installation share in passing, beside the database; all of it may be gone at any time.
public struct Neighbourhood: Sendable {
  public let level: any SecondLevel
  public let signals: any Signals
  public let locks: any Locks
  /// Nothing where each node counts by itself.
  public let buckets: (any RateBuckets)?
  /// Nothing where there are no other nodes.
  public let places: (any Sightings)?
  /// How the engine behind it is; `nil` where there is none.
  public let isUp: (@Sendable () -> Bool)?

  public init(
    level: any SecondLevel, signals: any Signals, locks: any Locks, buckets: (any RateBuckets)?, places: (any Sightings)?,
    isUp: (@Sendable () -> Bool)?
  ) {
    self.level = level
    self.signals = signals
    self.locks = locks
    self.buckets = buckets
    self.places = places
    self.isUp = isUp
  }

  /// A process that shares with nobody.
  public static func alone(time: TimeSource) -> Neighbourhood {
    Neighbourhood(level: NoSecondLevel(), signals: NoSignals(), locks: ProcessLocks(time: time), buckets: nil, places: nil, isUp: nil)
  }

  /// Whether there are other nodes to share with.
  public var isShared: Bool { isUp != nil }
}
