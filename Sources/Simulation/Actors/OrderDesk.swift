import Kernel
import OrderingAPI
import Synchronization

/// What the people of one order know of each other: the kitchen's word that the food stands ready, and how the order ended.
final class OrderDesk: Sendable {
  /// One order of the instance as it lives at the server.
  final class Ticket: Sendable {
    let order: Instance.Order
    /// The id, once the server acknowledged the order; `nil` when it was refused.
    let placed = Latch<OrderID?>()
    /// True once the kitchen's word was taken by the server, false when the order ended before.
    let ready = Latch<Bool>()
    let ended = Latch<OrderStatus?>()

    init(_ order: Instance.Order) { self.order = order }
  }

  let tickets: [Ticket]
  private let byName: [String: Ticket]
  private let byID = Mutex<[OrderID: Ticket]>([:])

  init(_ orders: [Instance.Order]) {
    tickets = orders.map(Ticket.init)
    byName = Dictionary(uniqueKeysWithValues: tickets.map { ($0.order.name, $0) })
  }

  subscript(name: String) -> Ticket? { byName[name] }
  subscript(id: OrderID) -> Ticket? { byID.withLock { $0[id] } }

  func id(of ticket: Ticket) -> OrderID? { byID.withLock { $0.first { $0.value === ticket }?.key } }

  /// Learns the id of an order, from whoever hears it first.
  func learn(_ id: OrderID, of ticket: Ticket) { byID.withLock { $0[id] = ticket } }

  func ended(_ id: OrderID, _ status: OrderStatus) {
    guard Observations.endings.contains(status), let ticket = self[id] else { return }
    ticket.ready.fulfil(false)
    ticket.ended.fulfil(status)
  }
}
