import DeliveryAPI
import Kernel
import ServiceKit

/// A delivery that waits for a partner.
struct WaitingDelivery: Hashable, Sendable {
  var id: DeliveryID
  var restaurant: GeoPoint
  var status: DeliveryStatus
  var round: SearchRound
  /// Who let an offer for it pass in this round.
  var passed: Set<UserID> = []
  /// Who gave it back.
  var failed: UserID?
}

/// A partner who could take a delivery now.
struct FreePartner: Hashable, Sendable {
  var id: UserID
  var point: GeoPoint
  var record: PartnerRecord
}

/// What is to be done for one delivery.
enum DispatchStep: Hashable, Sendable {
  case offer(UserID, CandidateScore, distanceMeters: Double, SearchRound)
  /// Nobody is left within the widest radius.
  case giveUp(SearchRound)
}

/// Decides for all waiting deliveries at once who is offered what; each partner gets one offer at most.
struct DispatchPlan {
  let rules: SearchRules

  /// - Parameters:
  ///   - waiting: in the order in which they choose.
  ///   - near: the free partners within a radius of a point.
  func steps(_ waiting: [WaitingDelivery], near: (GeoPoint, Double) -> [FreePartner]) -> [(WaitingDelivery, DispatchStep)] {
    var taken: Set<UserID> = []
    return waiting.map { delivery in
      let step = step(delivery, taken: taken, near: near)
      if case .offer(let partner, _, _, _) = step { taken.insert(partner) }
      return (delivery, step)
    }
  }

  private func step(_ delivery: WaitingDelivery, taken: Set<UserID>, near: (GeoPoint, Double) -> [FreePartner]) -> DispatchStep {
    var round = delivery.round
    if delivery.status == .unassigned {
      // Tried again after giving up: everybody within the widest radius, whoever declined before too.
      round = SearchRound(radiusIndex: rules.radiiMeters.count - 1, asked: 0, number: round.number + 1)
    }
    while round.radiusIndex < rules.radiiMeters.count {
      if round.asked < rules.offersPerRadius {
        let radius = rules.radiiMeters[round.radiusIndex]
        var passed = delivery.status == .unassigned ? [] : delivery.passed
        if let failed = delivery.failed { passed.insert(failed) }
        if let best = best(of: near(delivery.restaurant, radius), for: delivery.restaurant, radius, but: taken, passed) {
          round.asked += 1
          return .offer(best.partner, best.score, distanceMeters: best.meters, round)
        }
      }
      if round.radiusIndex + 1 == rules.radiiMeters.count { break }
      round.radiusIndex += 1
      round.asked = 0
    }
    return .giveUp(round)
  }

  private func best(
    of candidates: [FreePartner], for point: GeoPoint, _ radius: Double, but taken: Set<UserID>, _ passed: Set<UserID>
  ) -> (partner: UserID, score: CandidateScore, meters: Double)? {
    var best: (partner: UserID, score: CandidateScore, meters: Double)?
    for candidate in candidates where !taken.contains(candidate.id) && !passed.contains(candidate.id) {
      let meters = candidate.point.distanceMeters(to: point)
      guard meters <= radius else { continue }
      let score = CandidateScore(distanceMeters: meters, radiusMeters: radius, record: candidate.record)
      if let held = best {
        // Among equals the lower id, so that the choice never hangs on an order in memory.
        guard score.total > held.score.total || (score.total == held.score.total && candidate.id.description < held.partner.description)
        else { continue }
      }
      best = (candidate.id, score, meters)
    }
    return best
  }
}
