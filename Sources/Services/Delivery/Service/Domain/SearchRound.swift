import DeliveryAPI
import Kernel

/// How far a search for a partner has come: a radius, and how many were asked within it.
struct SearchRound: Hashable, Sendable {
  /// Which of the radii.
  var radiusIndex = 0
  /// Offers made within it.
  var asked = 0
  /// Counts the times the search began anew; who declined is asked again only in the next round.
  var number = 0
}

/// The rules of the search.
struct SearchRules: Hashable, Sendable {
  var radiiMeters: [Double] = [3000, 5000, 8000, 12_000]
  var offersPerRadius = 3
  var offerSeconds = 30
  var retrySeconds = 60
  /// After how long somebody who let a delivery pass may be asked for it again.
  var askAgainSeconds = 600
  var typicalApproachSeconds = 600
  /// How many metres of a ride one second of waiting food outweighs.
  var metersPerWaitedSecond = 1.0
  /// How fast couriers ride, about 18 km/h.
  var ridingMetersPerSecond = 5.0

  /// When the search shall start: so that a courier arrives when the food is ready, and not before now.
  func start(readyAt: Instant?, now: Instant) -> Instant {
    guard let readyAt else { return now }
    return max(now, Instant(milliseconds: readyAt.milliseconds - typicalApproachSeconds * 1000))
  }
}
