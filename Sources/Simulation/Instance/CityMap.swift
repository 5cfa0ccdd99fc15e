public import Kernel

/// Lays the plane of an instance onto the globe around a fixed corner of a city.
public struct CityMap: Sendable {
  /// The corner of x = 0, y = 0. Near the equator of the instances' size (some 20 km) the flat map is off by less than 0.3 %.
  public let corner: GeoPoint

  public init(corner: GeoPoint = GeoPoint(latitude: 40.70, longitude: -74.02)) { self.corner = corner }

  public func point(_ spot: Instance.Spot) -> GeoPoint { corner.offset(northMeters: spot.y, eastMeters: spot.x) }

  /// A spot on the straight way between two, by the share of the time that has passed.
  public static func between(_ from: Instance.Spot, _ to: Instance.Spot, share: Double) -> Instance.Spot {
    let share = min(1, max(0, share))
    return Instance.Spot(x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share)
  }
}
