import Kernel
import OrderingAPI
import ServiceKit

/// By when a restaurant must have answered, and what happens on the way there.
struct AcceptDeadline: Sendable {
  /// What is due next; each stage is done once.
  enum Stage: Int, Sendable { case remind = 0, escalate, cancel }

  /// How long the restaurant has.
  let allowed: Duration

  /// When the restaurant's time starts: at once, or, for an order placed ahead, when it must begin to cook.
  func release(placedAt: Instant, wantedAt: Instant?, preparationMinutes: Int, travelMinutes: Int) -> Instant {
    guard let wantedAt else { return placedAt }
    return max(placedAt, wantedAt - .seconds((preparationMinutes + travelMinutes) * 60))
  }

  /// When an order is cancelled that the restaurant may know from a moment on.
  func end(of capture: OrderCapture, from moment: Instant) -> Instant {
    end(
      from: release(
        placedAt: moment, wantedAt: capture.wantedAt, preparationMinutes: capture.preparationMinutes, travelMinutes: capture.travelMinutes))
  }

  /// Whether so much of the restaurant's time, a fiftieth, went by before it could know the order that it is given all of it anew.
  func isUsedUp(_ waited: Duration) -> Bool { waited > allowed / 50 }

  /// When the order is cancelled.
  func end(from release: Instant) -> Instant { release + allowed }

  /// When a stage is due, by the end of the restaurant's time.
  func due(_ stage: Stage, end: Instant) -> Instant {
    switch stage {
    case .remind: end - allowed / 2
    case .escalate: end - allowed / 5
    case .cancel: end
    }
  }
}
