import Kernel

/// How well a partner fits a delivery; each part and the total are in 0...1.
struct CandidateScore: Hashable, Sendable {
  var distance: Double
  var rating: Double
  var acceptance: Double
  var completion: Double

  var total: Double { 0.4 * distance + 0.25 * rating + 0.2 * acceptance + 0.15 * completion }

  /// - Parameter radiusMeters: the radius that was searched: at its rim a partner gets nothing for distance.
  init(distanceMeters: Double, radiusMeters: Double, record: PartnerRecord) {
    distance = radiusMeters > 0 ? min(1, max(0, 1 - distanceMeters / radiusMeters)) : 0
    rating = record.ratingScore
    acceptance = record.acceptanceScore
    completion = record.completionScore
  }
}

/// What a partner did so far, counted from real offers and deliveries.
struct PartnerRecord: Hashable, Sendable {
  var ratingSum = 0
  var ratingCount = 0
  var offersEnded = 0
  var offersAccepted = 0
  var deliveriesEnded = 0
  var deliveriesCompleted = 0

  var rating: Double? { ratingCount == 0 ? nil : Double(ratingSum) / Double(ratingCount) }
  var acceptanceRate: Double? { offersEnded == 0 ? nil : Double(offersAccepted) / Double(offersEnded) }
  var completionRate: Double? { deliveriesEnded == 0 ? nil : Double(deliveriesCompleted) / Double(deliveriesEnded) }

  /// For scoring everybody starts as if five good ones had gone before, so that a newcomer's first decline does not end the career.
  private static let head = 5

  /// One star counts 0, five count 1.
  var ratingScore: Double { (Double(ratingSum + 5 * Self.head) / Double(ratingCount + Self.head) - 1) / 4 }
  var acceptanceScore: Double { Double(offersAccepted + Self.head) / Double(offersEnded + Self.head) }
  var completionScore: Double { Double(deliveriesCompleted + Self.head) / Double(deliveriesEnded + Self.head) }
}
