public import Kernel

/// Where things that move were last seen, known to all nodes.
///
/// Each node goes on with what it has seen itself while the others cannot be reached.
public protocol Sightings: Sendable {
  /// Tells the others; does not wait, and what cannot be told is not: newer places follow soon.
  func put(_ places: [Sighting])

  /// Forgets who is not to be found any more.
  func remove(_ members: [String])

  /// Who was seen around a point, the nearest first; `nil` when it cannot be known now.
  func near(_ point: GeoPoint, radiusMeters: Double, limit: Int) async -> [Sighting]?

  /// Listens for as long as the process runs.
  ///
  /// - Parameter heard: what other nodes have seen; after a loss, all that is known.
  func listen(_ heard: @escaping @Sendable ([Sighting]) -> Void)
}

/// Where one was seen, and when.
public struct Sighting: Sendable, Hashable {
  public var member: String
  public var point: GeoPoint
  public var at: Instant
  /// What else is told of it, such as `available`.
  public var status: String

  public init(member: String, point: GeoPoint, at: Instant, status: String) {
    self.member = member
    self.point = point
    self.at = at
    self.status = status
  }
}
