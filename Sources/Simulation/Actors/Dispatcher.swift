import DeliveryAPI
import Kernel
import OrderingAPI
import ServiceKit
import WebClient
import Wire

/// A person at the manual list: gives what nobody took to the nearest courier who waits.
struct Dispatcher: Sendable {
  let admin: Session
  let desk: OrderDesk
  let clock: DayClock

  func look(at couriers: [CourierBot]) async {
    guard let list = try? await admin.get("/api/admin/dispatch/unassigned?limit=50", as: Page<Delivery>.self) else { return }
    var free = couriers.filter(\.isIdle)
    for delivery in list.items {
      guard let ticket = desk[delivery.orderId] else { continue }
      free.sort { $0.spot.meters(to: ticket.order.spot) < $1.spot.meters(to: ticket.order.spot) }
      // No courier is given what would be picked up after the shift.
      guard let index = free.firstIndex(where: { $0.canTake(ticket) }) else { continue }
      let courier = free.remove(at: index)
      do {
        _ = try await admin.ask(
          AssignDelivery(orderId: delivery.orderId, partnerId: courier.session.user), .post, "/api/orders/\(delivery.orderId)/assign-delivery")
      } catch {
        continue  // Taken, offered or offline in the same moment; the next look finds what is left.
      }
    }
  }
}
