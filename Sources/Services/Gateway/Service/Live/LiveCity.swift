import GatewayAPI
import Kernel
import Messaging
import OrderingAPI
import ServiceKit
import Synchronization

/// Follows the orders of the city for the live page, in this node's memory: `reactions` feed it, `operations` answer from it.
final class LiveCity: Sendable {
  private let tally: Mutex<CityTally>
  private let time: TimeSource
  private let isPublic: Bool

  /// - Parameter isPublic: whether visitors may look.
  init(time: TimeSource, isPublic: Bool) {
    self.time = time
    self.isPublic = isPublic
    tally = Mutex(CityTally(startedAt: time.now))
  }

  var operations: [any HostedOperation] {
    [
      Hosted(GetCityPulse.self) { [self] _ in
        if !isPublic {
          guard Caller.current.user != nil else { throw Denial.notSignedIn }
          guard Caller.current.roles.contains(where: Role.administrators.contains) else { throw Denial.forbidden }
        }
        return tally.withLock { $0.pulse(at: time.now) }
      }
    ]
  }

  var reactions: [Reaction] {
    [
      Reaction.onEveryNode("WhenOrderCreatedPulse", OrderCreated.self) { [self] event, envelope in note(event.order, envelope) },
      Reaction.onEveryNode("WhenOrderStatusChangedPulse", OrderStatusChanged.self) { [self] event, envelope in note(event.order, envelope) }
    ]
  }

  private func note(_ order: OrderNotice, _ envelope: Envelope) {
    tally.withLock {
      $0.note(
        orderID: order.orderId, status: order.status, restaurantName: order.restaurantName, fulfilment: order.fulfilment,
        placedAt: order.placedAt, at: envelope.time)
    }
  }
}
