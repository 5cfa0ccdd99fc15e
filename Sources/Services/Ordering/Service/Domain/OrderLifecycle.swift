import CatalogAPI
import OrderingAPI

/// The one state machine of an order: who may move it from where to where, and what the customer is given back.
enum OrderLifecycle {
  /// What is given back when an order ends early.
  enum Refund: Hashable, Sendable {
    case nothing, whole
    /// The share that the tenant's policy says: the kitchen has begun.
    case byPolicy
  }

  enum Verdict: Hashable, Sendable {
    case allowed(Refund)
    /// Somebody else moves an order so.
    case notYours
    /// Nobody does.
    case illegal
  }

  static func verdict(_ fulfilment: Fulfilment, from: OrderStatus, to: OrderStatus, by actor: OrderActor) -> Verdict {
    let actors = movers(fulfilment, from: from, to: to)
    if actors.isEmpty { return .illegal }
    return actors[actor].map { .allowed($0) } ?? .notYours
  }

  /// Who may make a move, each with what it gives back; nobody where the move does not exist.
  private static func movers(_ fulfilment: Fulfilment, from: OrderStatus, to: OrderStatus) -> [OrderActor: Refund] {
    switch (from, to) {
    case (.pending, .confirmed), (.confirmed, .preparing), (.preparing, .readyForPickup): [.staff: .nothing]
    case (.pending, .rejected): [.staff: .whole]
    case (.pending, .cancelled): [.customer: .whole, .staff: .whole, .system: .whole]
    case (.confirmed, .cancelled): [.customer: .whole, .staff: .whole]
    case (.preparing, .cancelled), (.readyForPickup, .cancelled): [.customer: .byPolicy, .staff: .whole]
    case (.readyForPickup, .outForDelivery), (.outForDelivery, .delivered): fulfilment == .delivery ? [.courier: .nothing] : [:]
    // The courier reports that the food cannot be brought; the description has no end for such an order, and it needs one.
    case (.outForDelivery, .cancelled): fulfilment == .delivery ? [.courier: .whole] : [:]
    case (.readyForPickup, .completed): fulfilment == .delivery ? [:] : [.staff: .nothing]
    default: [:]
    }
  }

  /// The states that a delivery order passes on its way to where its courier says it is; empty when it is there, beyond, or ended.
  ///
  /// A kitchen that hands out food without having said so is caught up with.
  static func courierPath(from: OrderStatus, to: OrderStatus) -> [OrderStatus] {
    let way: [OrderStatus] = [.confirmed, .preparing, .readyForPickup, .outForDelivery, .delivered]
    guard let start = way.firstIndex(of: from), let end = way.firstIndex(of: to), start < end else { return [] }
    return Array(way[(start + 1)...end])
  }

  static func hasEnded(_ status: OrderStatus) -> Bool { [.delivered, .completed, .rejected, .cancelled].contains(status) }
}
