import Foundation
public import Wire

/// A point on the globe in degrees (WGS 84).
@Wire public struct GeoPoint: Hashable, Sendable {
  /// Degrees north, -90 to 90.
  @Field(.between(-90...90)) public var latitude: Double
  /// Degrees east, -180 to 180.
  @Field(.between(-180...180)) public var longitude: Double
}

extension GeoPoint {
  /// Metres along the great circle, by the haversine formula on a sphere of radius 6,371,008.8 m (IUGG mean radius).
  public func distanceMeters(to other: GeoPoint) -> Double {
    let radians = Double.pi / 180
    let up = (other.latitude - latitude) * radians / 2
    let across = (other.longitude - longitude) * radians / 2
    let chord = sin(up) * sin(up) + cos(latitude * radians) * cos(other.latitude * radians) * sin(across) * sin(across)
    return 2 * 6_371_008.8 * asin(min(1, chord.squareRoot()))
  }

  /// The point a number of metres north and east of here, on the flat plane that touches the globe here.
  public func offset(northMeters: Double, eastMeters: Double) -> GeoPoint {
    let metersPerDegree = 6_371_008.8 * Double.pi / 180
    return GeoPoint(
      latitude: latitude + northMeters / metersPerDegree,
      longitude: longitude + eastMeters / (metersPerDegree * cos(latitude * Double.pi / 180)))
  }
}
