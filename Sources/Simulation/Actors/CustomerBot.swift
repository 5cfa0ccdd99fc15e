import CatalogAPI
import DeliveryAPI
import GatewayAPI
import Kernel
import OrderingAPI
import ServiceKit
import WebClient

/// A customer: places orders at their time, follows them on a socket, and tells the courier the code at the door.
final class CustomerBot: Sendable {
  let session: Session
  private let name: String
  private let live: LiveSocket
  private let desk: OrderDesk
  private let clock: DayClock
  private let map: CityMap
  /// Tells the idempotency keys of one run from those of another.
  private let run: String
  /// Orders of which frames were missed.
  private let missed: AsyncStream<OrderID>

  init(_ session: Session, name: String, desk: OrderDesk, clock: DayClock, map: CityMap, run: String) async throws {
    self.session = session
    self.name = name
    self.desk = desk
    self.clock = clock
    self.map = map
    self.run = run
    let watch = FrameWatch(subscriber: name, notebook: session.notebook, clock: clock)
    let (missed, tell) = AsyncStream.makeStream(of: OrderID.self)
    self.missed = missed
    live = try await session.listen(to: []) { event in
      if case .joined(let channel, "refetch", _) = event, let id = OrderID(String(channel.dropFirst("order:".count))) { tell.yield(id) }
      if let update = watch.take(event) { desk.ended(update.orderId, update.status) }
    }
  }

  /// Reads what frames did not tell, until cancelled.
  func catchUp() async {
    for await id in missed {
      if let order = try? await session.get("/api/orders/\(id)", as: Order.self) { desk.ended(id, order.status) }
    }
  }

  /// Places one order; a refusal is noted and ends the order there.
  func place(_ ticket: OrderDesk.Ticket, at kitchen: CityBuilder.Kitchen, isCash: Bool) async throws {
    let order = ticket.order
    let request = PlaceOrder(
      restaurantId: kitchen.id, items: [WantedItem(menuItemId: kitchen.dish, quantity: 1)], fulfilment: .delivery,
      deliveryAddress: DeliveryAddress(text: "Door \(order.name), Simulation City", point: map.point(order.spot)),
      payment: isCash ? PaymentChoice(method: .cash) : PaymentChoice(method: .card, cardToken: "tok_approve"),
      specialInstructions: order.name)
    session.notebook.observe { $0.placing(order.name) }
    do {
      let made = try await session.ask(request, .post, "/api/orders", headers: [("Idempotency-Key", "\(run)-\(order.name)")])
      desk.learn(made.id, of: ticket)
      session.notebook.observe { $0.placed(made.id, name: order.name) }
      try await session.notebook.attempt("subscribe") { try await live.subscribe("order:\(made.id)") }
      ticket.placed.fulfil(made.id)
      // What happened before the socket had joined is read, as a real screen would.
      let now = try await session.get("/api/orders/\(made.id)", as: Order.self)
      desk.ended(now.id, now.status)
    } catch {
      if error is CancellationError { throw error }
      if let id = desk.id(of: ticket) {
        ticket.placed.fulfil(id)
        return
      }
      session.notebook.note { $0.orders[order.name, default: .init()].refusal = "\(error)" }
      ticket.placed.fulfil(nil)
      ticket.ready.fulfil(false)
      ticket.ended.fulfil(nil)
    }
  }

  /// The four digits that the customer sees while the courier stands at the door.
  func handOverCode(of order: OrderID) async throws -> String? {
    try await session.get("/api/tracking/\(order)", as: Tracking.self).handOverCode
  }

  /// Stops following an order.
  func leave(_ order: OrderID) { live.unsubscribe("order:\(order)") }

  func close() { live.close() }
  var subscriber: String { name }
}
