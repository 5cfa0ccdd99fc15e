import GatewayAPI
import Kernel
import OrderingAPI
import ServiceKit
import WebClient

/// A restaurant: hears of orders on its tenant's channel, accepts at once, cooks, and says when the food is ready.
final class KitchenBot: Sendable {
  let kitchen: CityBuilder.Kitchen
  let subscriber: String
  private let live: LiveSocket
  private let desk: OrderDesk
  private let clock: DayClock
  private let incoming: AsyncStream<OrderID>

  init(_ kitchen: CityBuilder.Kitchen, desk: OrderDesk, clock: DayClock) async throws {
    self.kitchen = kitchen
    self.desk = desk
    self.clock = clock
    let name = "kitchen \(kitchen.restaurant.name)"
    subscriber = name
    let (stream, continuation) = AsyncStream.makeStream(of: OrderID.self)
    incoming = stream
    let watch = FrameWatch(subscriber: name, notebook: kitchen.owner.notebook, clock: clock)
    live = try await kitchen.owner.listen(to: ["tenant:\(kitchen.tenant)"]) { event in
      guard let update = watch.take(event) else { return }
      if update.status == .pending { continuation.yield(update.orderId) }
      desk.ended(update.orderId, update.status)
    }
  }

  var channel: String { "tenant:\(kitchen.tenant)" }

  /// Works until cancelled, on every order beside the others.
  func work() async {
    await withDiscardingTaskGroup { group in
      for await order in incoming { group.addTask { await self.cook(order) } }
    }
  }

  private func cook(_ id: OrderID) async {
    do {
      let order = try await kitchen.owner.get("/api/orders/\(id)", as: Order.self)
      guard let ticket = order.specialInstructions.flatMap({ desk[$0] }) else { return }
      desk.learn(id, of: ticket)
      let minutes = max(1, Int((Double(ticket.order.readyMinute) - clock.minute).rounded(.up)))
      try await move(id, .confirmed, readyInMinutes: min(240, minutes))
      try await move(id, .preparing)
      try await clock.wait(until: Double(ticket.order.readyMinute))
      try await move(id, .readyForPickup)
      ticket.ready.fulfil(true)
    } catch {
      // Counted where it was asked; an order that ended meanwhile cannot be cooked any more.
    }
  }

  private func move(_ id: OrderID, _ status: OrderStatus, readyInMinutes: Int? = nil) async throws {
    _ = try await kitchen.owner.ask(
      UpdateOrderStatus(orderId: id, status: status, readyInMinutes: readyInMinutes), .patch, "/api/orders/\(id)/status")
  }

  /// Ends an order that nobody brought.
  func giveUp(_ id: OrderID) async throws {
    _ = try await kitchen.owner.ask(CancelOrder(orderId: id, reason: "nobody came for it before the day ended"), .post, "/api/orders/\(id)/cancel")
  }

  func close() { live.close() }
}
