import Kernel
import ServiceKit
import WebClient
import Wire

/// The people of the city as they get hungry: look around, choose, pay, and now and then change their mind.
struct CustomerBots: Sendable {
  let customers: [DemoSession]
  let town: DemoTown

  /// Lanes side by side, so that one slow payment does not stop the city.
  private static let lanes = 3
  /// Seconds between two orders of one lane, on average.
  private static let pauseSeconds = 9.0
  /// More open orders than this and nobody orders: the couriers could not keep up.
  private static let mostOpen = 60

  /// Orders until cancelled.
  func run() async {
    await takeUpOpenOrders()
    await withTaskGroup(of: Void.self) { group in
      for lane in 0..<Self.lanes { group.addTask { await order(in: lane) } }
    }
  }

  /// After a restart of the server: whose orders are still on their way.
  private func takeUpOpenOrders() async {
    for customer in customers {
      guard !Task.isCancelled else { return }
      await town.log.attempt("reading orders") {
        let orders: Page<DemoOrder> = try await customer.get("/api/orders?limit=10")
        for order in orders.items where !["delivered", "completed", "rejected", "cancelled"].contains(order.status) {
          town.open.add(order.id, of: customer, at: town.time.now)
        }
      }
    }
  }

  private func order(in lane: Int) async {
    // A run has its own sequence: the idempotency keys of an earlier one must not come back.
    let chance = DemoChance(seed: town.seed ^ UInt64(bitPattern: Int64(town.time.now.milliseconds)), "orders \(lane)")
    while !Task.isCancelled {
      let pause = chance.seconds(Self.pauseSeconds * 0.4, Self.pauseSeconds * 1.6)
      guard (try? await town.time.sleep(for: pause)) != nil else { return }
      town.open.forget(before: town.time.now - .seconds(1800))
      guard town.open.count < Self.mostOpen else { continue }
      await town.log.attempt("ordering") { try await placeOne(chance) }
    }
  }

  private func placeOne(_ chance: DemoChance) async throws {
    let customer = chance.pick(customers)
    let home = Saltmere.door(chance)
    let near = "latitude=\(home.point.latitude)&longitude=\(home.point.longitude)&radiusMeters=2500&openNow=true&limit=40"
    let found: Page<DemoRestaurant> = try await customer.get("/api/restaurants?\(near)")
    guard !found.items.isEmpty else { return }
    let restaurant = chance.pick(found.items)
    let menu: DemoMenu = try await customer.get("/api/restaurants/\(restaurant.id)/menu")
    let items = menu.categories.flatMap(\.items).filter(\.isAvailable)
    guard items.count >= 3 else { return }
    let isDelivery = !chance.happens(12)
    let order = NewOrder(
      restaurantId: restaurant.id, items: chance.sample(items, chance.number(2...4)).map { wanted($0, chance) },
      fulfilment: isDelivery ? "delivery" : "pickup",
      deliveryAddress: isDelivery
        ? DemoAddress(text: home.address, point: home.point, instructions: chance.happens(20) ? "Please ring twice" : nil) : nil,
      payment: payment(chance), tip: isDelivery && chance.happens(40) ? Amount(units: chance.number(1...4) * 100) : nil)
    let placed: DemoOrder
    do {
      placed = try await customer.send(.post, "/api/orders", order, headers: [("idempotency-key", "demo-\(chance.word(24))")])
    } catch let problem as WebProblem where problem.status == 422 || problem.status == 402 || problem.status == 409 {
      return  // A declined card, a minimum not reached, a kitchen that closed meanwhile: life.
    }
    town.open.add(placed.id, of: customer, at: town.time.now)
    if chance.happens(3) {
      try await town.time.sleep(for: chance.seconds(2, 6))
      let reason = Reason(reason: "Changed my mind")
      // Refused when the kitchen was faster.
      if (try? await customer.tell(.post, "/api/orders/\(placed.id)/cancel", reason)) != nil { town.open.remove(placed.id) }
    }
  }

  private func wanted(_ item: DemoItem, _ chance: DemoChance) -> DemoWanted {
    let options = item.optionGroups.flatMap { group -> [String] in
      let most = min(group.maximum, group.options.count)
      let count = group.minimum >= most ? most : chance.number(group.minimum...min(most, group.minimum + 1))
      return chance.sample(group.options, count).map(\.id)
    }
    return DemoWanted(
      menuItemId: item.id, quantity: chance.happens(20) ? 2 : 1, optionIds: options,
      specialInstructions: chance.happens(6) ? "No coriander, please" : nil)
  }

  private func payment(_ chance: DemoChance) -> DemoPayment {
    if chance.happens(12) { return DemoPayment(method: "cash", cardToken: nil) }
    return DemoPayment(method: "card", cardToken: chance.happens(3) ? "tok_decline" : "tok_approve")
  }
}
