import Foundation
import Kernel

/// The degrees within which everything lies that is at most a distance from a point.
struct SearchBox: Hashable, Sendable {
  enum Longitudes: Hashable, Sendable {
    case all
    case between(Double, Double)
    /// Across the 180th meridian: up to `east` and from `west` on.
    case outside(east: Double, west: Double)
  }

  let middle: GeoPoint
  let south: Double
  let north: Double
  let longitudes: Longitudes
  /// How much a squared degree of longitude counts beside one of latitude.
  let longitudeWeight: Double

  init(around point: GeoPoint, radiusMeters: Double) {
    middle = point
    let degrees = radiusMeters / (6_371_008.8 * Double.pi / 180) * 1.000_001
    south = max(-90, point.latitude - degrees)
    north = min(90, point.latitude + degrees)
    let shrink = cos(point.latitude * .pi / 180)
    longitudeWeight = shrink * shrink
    // A circle near a pole holds every longitude; elsewhere it is widest a little nearer to the pole than its middle.
    let widest = sin(degrees * .pi / 180) / max(shrink, 1e-12)
    guard north < 90, south > -90, widest < 1 else {
      longitudes = .all
      return
    }
    let half = asin(widest) * 180 / .pi
    let (west, east) = (point.longitude - half, point.longitude + half)
    if west < -180 {
      longitudes = .outside(east: east, west: west + 360)
    } else if east > 180 {
      longitudes = .outside(east: east - 360, west: west)
    } else {
      longitudes = .between(west, east)
    }
  }
}
