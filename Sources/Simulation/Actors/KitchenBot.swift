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
  private let incoming: AsyncStream<OrderID?>

  init(_ kitchen: CityBuilder.Kitchen, desk: OrderDesk, clock: DayClock) async throws {
    self.kitchen = kitchen
    self.desk = desk
    self.clock = clock
    let name = "kitchen \(kitchen.restaurant.name)"
    subscriber = name
    let (stream, continuation) = AsyncStream.makeStream(of: OrderID?.self)
    incoming = stream
    let watch = FrameWatch(subscriber: name, notebook: kitchen.owner.notebook, clock: clock)
    live = try await kitchen.owner.listen(to: ["tenant:\(kitchen.tenant)"]) { event in
      if case .joined(_, "refetch", _) = event { continuation.yield(nil) }
      guard let update = watch.take(event) else { return }
      if update.status == .pending { continuation.yield(update.orderId) }
      desk.ended(update.orderId, update.status)
    }
  }

  var channel: String { "tenant:\(kitchen.tenant)" }

  /// Works until cancelled, on every order beside the others.
  func work() async {
    var known: Set<OrderID> = []
    await withDiscardingTaskGroup { group in
      // Nothing in place of an order: the list is to be read again, for frames were missed.
      for await told in incoming {
        let orders = if let told { [told] } else { await pending() }
        for order in orders where known.insert(order).inserted { group.addTask { await self.cook(order) } }
      }
    }
  }

  /// What waits for an answer; and how what ended meanwhile ended.
  private func pending() async -> [OrderID] {
    guard let orders = try? await kitchen.owner.get("/api/orders?limit=100", as: Page<Order>.self).items else { return [] }
    for order in orders { desk.ended(order.id, order.status) }
    return orders.filter { $0.status == .pending }.map(\.id)
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
    do {
      _ = try await kitchen.owner.ask(
        UpdateOrderStatus(orderId: id, status: status, readyInMinutes: readyInMinutes), .patch, "/api/orders/\(id)/status")
    } catch let problem as WebProblem where problem.status == 409 {
      // The step was made when an answer was lost, and was asked for again.
      guard try await kitchen.owner.get("/api/orders/\(id)", as: Order.self).history.contains(where: { $0.status == status }) else { throw problem }
    }
  }

  /// Ends an order that nobody brought.
  func giveUp(_ id: OrderID) async throws {
    _ = try await kitchen.owner.ask(CancelOrder(orderId: id, reason: "nobody came for it before the day ended"), .post, "/api/orders/\(id)/cancel")
  }

  func close() { live.close() }
}
