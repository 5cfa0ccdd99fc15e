import DeliveryAPI
import Kernel
import ServiceKit

/// A delivery that waits for a partner.
struct WaitingDelivery: Hashable, Sendable {
  var id: DeliveryID
  var restaurant: GeoPoint
  var status: DeliveryStatus
  var round: SearchRound
  /// Who is not to be asked: they let it pass in this round or not long ago, or gave it back.
  var passed: Set<UserID> = []
  /// For how long the food has been ready; negative while the kitchen works.
  var waitedSeconds = 0.0
  /// From the restaurant to the door.
  var tripMeters = 0.0
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
///
/// A stable matching (Gale and Shapley): each delivery asks its best candidate first; where two want the same partner, the shorter
/// ride wins, less some metres for each second that the food has waited. Serving strictly by age would send couriers across the
/// city on a busy day, and fewer would eat warm.
struct DispatchPlan {
  let rules: SearchRules
  /// - Parameter near: the free partners within a radius of a point.
  func steps(_ waiting: [WaitingDelivery], near: (GeoPoint, Double) -> [FreePartner]) -> [(WaitingDelivery, DispatchStep)] {
    var searches = waiting.map { Search($0, rules) }
    var holders: [UserID: Int] = [:]
    var open = Array(waiting.indices.reversed())
    while let index = open.popLast() {
      while let choice = searches[index].next(near) {
        guard let holder = holders[choice.partner] else {
          holders[choice.partner] = index
          break
        }
        if claim(searches[index]) < claim(searches[holder]) {
          holders[choice.partner] = index
          open.append(holder)
          break
        }
      }
    }
    return searches.map { ($0.delivery, $0.step) }
  }

  /// What taking the delivery costs a partner who is so far away, in metres of riding; the lower wins.
  ///
  /// Standing at the counter of a kitchen that is not done costs as much as riding for that time.
  func claim(_ delivery: WaitingDelivery, approachMeters: Double) -> Double {
    let idleMeters = max(0, -delivery.waitedSeconds * rules.ridingMetersPerSecond - approachMeters)
    return approachMeters + idleMeters + delivery.tripMeters - max(0, delivery.waitedSeconds) * rules.metersPerWaitedSecond
  }

  private func claim(_ search: Search) -> Double { claim(search.delivery, approachMeters: search.chosen?.meters ?? .infinity) }

  private struct Choice {
    var partner: UserID
    var score: CandidateScore
    var meters: Double
  }

  /// How far one delivery has come with asking.
  private struct Search {
    let delivery: WaitingDelivery
    private let rules: SearchRules
    private var round: SearchRound
    /// The candidates of the radius, the best last.
    private var candidates: [Choice]?
    private var seen: Set<UserID>
    private(set) var chosen: Choice?

    init(_ delivery: WaitingDelivery, _ rules: SearchRules) {
      self.delivery = delivery
      self.rules = rules
      // Tried again after giving up: everybody within the widest radius.
      round =
        delivery.status == .unassigned
        ? SearchRound(radiusIndex: rules.radiiMeters.count - 1, asked: 0, number: delivery.round.number + 1) : delivery.round
      seen = delivery.passed
    }

    var step: DispatchStep {
      guard let chosen else { return .giveUp(round) }
      var round = round
      round.asked += 1
      return .offer(chosen.partner, chosen.score, distanceMeters: chosen.meters, round)
    }

    /// The next best; the circle widens when nobody is left in it, or enough were asked.
    mutating func next(_ near: (GeoPoint, Double) -> [FreePartner]) -> Choice? {
      while round.radiusIndex < rules.radiiMeters.count {
        if round.asked < rules.offersPerRadius {
          if candidates == nil { candidates = sorted(near(delivery.restaurant, rules.radiiMeters[round.radiusIndex])) }
          if let best = candidates?.popLast() {
            seen.insert(best.partner)
            chosen = best
            return best
          }
        }
        guard round.radiusIndex + 1 < rules.radiiMeters.count else { break }
        round.radiusIndex += 1
        round.asked = 0
        candidates = nil
      }
      chosen = nil
      return nil
    }

    private func sorted(_ partners: [FreePartner]) -> [Choice] {
      let radius = rules.radiiMeters[round.radiusIndex]
      return partners.filter { !seen.contains($0.id) }.map { partner in
        let meters = partner.point.distanceMeters(to: delivery.restaurant)
        return Choice(
          partner: partner.id, score: CandidateScore(distanceMeters: meters, radiusMeters: radius, record: partner.record), meters: meters)
      }.sorted { left, right in
        // Among equals the lower id, so that the choice never hangs on an order in memory.
        let (low, high) = (left.score.total, right.score.total)
        return low != high ? low < high : (left.partner.high, left.partner.low) > (right.partner.high, right.partner.low)
      }
    }
  }
}
