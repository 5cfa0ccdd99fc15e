import DeliveryAPI
import Kernel

/// The state machine of a delivery: which step follows on which.
enum DeliverySteps {
  /// Where a delivery may go from each state.
  static func next(after status: DeliveryStatus) -> Set<DeliveryStatus> {
    switch status {
    case .searching: [.offered, .assigned, .unassigned, .cancelled]
    case .offered: [.searching, .assigned, .cancelled]
    case .unassigned: [.offered, .assigned, .cancelled]
    // Failing before the food is taken gives the delivery back: somebody else may still bring it.
    case .assigned: [.arrivedAtRestaurant, .unassigned, .cancelled]
    case .arrivedAtRestaurant: [.pickedUp, .unassigned, .cancelled]
    case .pickedUp: [.arrivedAtCustomer, .failed, .cancelled]
    case .arrivedAtCustomer: [.delivered, .failed, .cancelled]
    case .delivered, .failed, .cancelled: []
    }
  }

  /// The states that a partner reports; the others follow from offers and orders.
  static let reported: Set<DeliveryStatus> = [.arrivedAtRestaurant, .pickedUp, .arrivedAtCustomer, .delivered, .failed]

  enum Verdict: Hashable { case move, repeated, illegal }

  /// What to do with a reported step.
  static func verdict(_ step: DeliveryStatus, at status: DeliveryStatus) -> Verdict {
    guard reported.contains(step) else { return .illegal }
    if step == status { return .repeated }
    guard DeliveryStatus.running.contains(status) else { return .illegal }
    return step == .failed || next(after: status).contains(step) ? .move : .illegal
  }

  /// When a step counts as made: told later from a dead zone it keeps its own time, but never before the step before it nor after now.
  static func time(_ occurredAt: Instant?, after previous: Instant, now: Instant) -> Instant {
    guard let occurredAt else { return now }
    return max(min(occurredAt, now), min(previous, now))
  }
}

/// The state machine of a delivery partner.
enum PartnerSteps {
  static func next(after status: PartnerStatus) -> Set<PartnerStatus> {
    switch status {
    case .offline: [.available]
    case .available: [.offered, .busy, .offline]
    // Busy by accepting, available by letting it pass, offline by going while it is open.
    case .offered: [.busy, .available, .offline]
    case .busy: [.available, .offline]
    }
  }

  /// What a partner is after an offer or a delivery ended.
  static func freed(isOnline: Bool) -> PartnerStatus { isOnline ? .available : .offline }
}
