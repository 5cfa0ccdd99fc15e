import CatalogAPI
import Kernel
import OrderingAPI
import ServiceKit
import Testing

@testable import Ordering

@Suite struct OrderLifecycleTests {
  private typealias Refund = OrderLifecycle.Refund

  /// Every move there is, written out from the description: what is not here must be refused.
  private static let moves: [(from: OrderStatus, to: OrderStatus, fulfilments: [Fulfilment], may: [OrderActor: OrderLifecycle.Refund])] = [
    (.pending, .confirmed, [.delivery, .pickup, .dineIn], [.staff: .nothing]),
    (.pending, .rejected, [.delivery, .pickup, .dineIn], [.staff: .whole]),
    (.pending, .cancelled, [.delivery, .pickup, .dineIn], [.customer: .whole, .staff: .whole, .system: .whole]),
    (.confirmed, .preparing, [.delivery, .pickup, .dineIn], [.staff: .nothing]),
    (.confirmed, .cancelled, [.delivery, .pickup, .dineIn], [.customer: .whole, .staff: .whole]),
    (.preparing, .readyForPickup, [.delivery, .pickup, .dineIn], [.staff: .nothing]),
    (.preparing, .cancelled, [.delivery, .pickup, .dineIn], [.customer: .byPolicy, .staff: .whole]),
    (.readyForPickup, .cancelled, [.delivery, .pickup, .dineIn], [.customer: .byPolicy, .staff: .whole]),
    (.readyForPickup, .outForDelivery, [.delivery], [.courier: .nothing]),
    (.readyForPickup, .completed, [.pickup, .dineIn], [.staff: .nothing]),
    (.outForDelivery, .delivered, [.delivery], [.courier: .nothing]),
    (.outForDelivery, .cancelled, [.delivery], [.courier: .whole])
  ]

  @Test(arguments: Fulfilment.allCases) func everyMoveOfEveryActor(fulfilment: Fulfilment) {
    for from in OrderStatus.allCases {
      for to in OrderStatus.allCases {
        let move = Self.moves.first { $0.from == from && $0.to == to && $0.fulfilments.contains(fulfilment) }
        for actor in OrderActor.allCases {
          let expected: OrderLifecycle.Verdict = move.map { move in move.may[actor].map { .allowed($0) } ?? .notYours } ?? .illegal
          #expect(OrderLifecycle.verdict(fulfilment, from: from, to: to, by: actor) == expected, "\(fulfilment) \(from) -> \(to) by \(actor)")
        }
      }
    }
  }

  @Test func endedOrdersStayEnded() {
    for from in OrderStatus.allCases where OrderLifecycle.hasEnded(from) {
      for fulfilment in Fulfilment.allCases {
        for to in OrderStatus.allCases {
          for actor in OrderActor.allCases { #expect(OrderLifecycle.verdict(fulfilment, from: from, to: to, by: actor) == .illegal) }
        }
      }
    }
  }

  @Test func courierPathPassesEveryStateOnce() {
    #expect(OrderLifecycle.courierPath(from: .confirmed, to: .outForDelivery) == [.preparing, .readyForPickup, .outForDelivery])
    #expect(OrderLifecycle.courierPath(from: .readyForPickup, to: .outForDelivery) == [.outForDelivery])
    #expect(OrderLifecycle.courierPath(from: .outForDelivery, to: .outForDelivery).isEmpty)
    #expect(OrderLifecycle.courierPath(from: .delivered, to: .outForDelivery).isEmpty)
    #expect(OrderLifecycle.courierPath(from: .cancelled, to: .delivered).isEmpty)
    #expect(OrderLifecycle.courierPath(from: .pending, to: .delivered).isEmpty)
  }

  @Test func namesOfOtherDescriptionsAreUnderstood() {
    for (text, status) in [
      ("placed", .pending), ("PLACED", .pending), ("ready", .readyForPickup), ("Ready", .readyForPickup), ("picked_up", .outForDelivery),
      ("CONFIRMED", .confirmed), ("out_for_delivery", .outForDelivery)
    ] as [(String, OrderStatus)] {
      #expect(OrderStatus(accepting: text) == status)
    }
    #expect(OrderStatus(accepting: "eaten") == nil)
  }

  @Test func deadlineCountsFromWhenCookingMustBegin() {
    let deadline = AcceptDeadline(allowed: .seconds(600))
    let noon = Instant(milliseconds: 1_767_607_200_000)
    #expect(deadline.release(placedAt: noon, wantedAt: nil, preparationMinutes: 20, travelMinutes: 5) == noon)
    let later = noon + .seconds(3600)
    #expect(deadline.release(placedAt: noon, wantedAt: later, preparationMinutes: 20, travelMinutes: 5) == noon + .seconds(35 * 60))
    #expect(deadline.release(placedAt: noon, wantedAt: noon + .seconds(60), preparationMinutes: 20, travelMinutes: 5) == noon)
    let end = deadline.end(from: noon)
    #expect(deadline.due(.remind, end: end) == noon + .seconds(300))
    #expect(deadline.due(.escalate, end: end) == noon + .seconds(480))
    #expect(deadline.due(.cancel, end: end) == noon + .seconds(600))
  }
}
