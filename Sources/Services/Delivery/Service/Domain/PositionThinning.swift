import Kernel

/// Which positions are worth keeping on disk: a point at most each half minute, or each hundred metres.
enum PositionThinning {
  static let seconds = 30
  static let meters = 100.0

  /// - Parameter last: the point that was kept before.
  static func keeps(_ point: GeoPoint, at: Instant, after last: (point: GeoPoint, at: Instant)?) -> Bool {
    guard let last else { return true }
    if at.milliseconds - last.at.milliseconds >= seconds * 1000 { return true }
    // A hundred metres are at least a hundred metres in latitude or longitude: one comparison spares most of the trigonometry.
    let latitude = abs(point.latitude - last.point.latitude), longitude = abs(point.longitude - last.point.longitude)
    if latitude < 0.0006, longitude < 0.0006 { return false }
    return point.distanceMeters(to: last.point) >= meters
  }
}
