import DeliveryAPI
import Kernel
import OrderingAPI
import Persistence
import ServiceKit
import TestKit
import Testing

@testable import Delivery

/// Whatever partners, kitchens, time and crashes do: nobody has two offers, two deliveries, or an offer beside a delivery.
@Suite struct DispatchPropertyTests {
  @Test(arguments: [UInt64(1), 2, 3, 4])
  func theInvariantsHoldAfterEveryStep(_ seed: UInt64) async throws {
    var random = SeededGenerator(seed)
    let town = try await Town(seed: seed, settings: ["delivery.retrySeconds": "20"])
    var couriers: [Caller] = []
    for _ in 0..<14 { couriers.append(try await town.online(place(&random))) }
    var orders: [OrderNotice] = []
    for step in 0..<350 {
      let action = try await act(town, &couriers, &orders, &random)
      if let broken = try await brokenInvariant(town) {
        Issue.record("seed \(seed), step \(step), after \(action): \(broken)")
        return
      }
    }
    try await settle(town, couriers, seed)
  }

  private func place(_ random: inout SeededGenerator) -> GeoPoint {
    Town.center.offset(northMeters: Double.random(in: -6000...6000, using: &random), eastMeters: Double.random(in: -6000...6000, using: &random))
  }

  private func act(
    _ town: Town, _ couriers: inout [Caller], _ orders: inout [OrderNotice], _ random: inout SeededGenerator
  ) async throws -> String {
    let courier = couriers.randomElement(using: &random)!
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<14:
      let order = town.notice(from: place(&random), to: place(&random), readyIn: .seconds(Int.random(in: 0...1500, using: &random)))
      orders.append(order)
      try await town.hear(order)
      return "new order"
    case 14..<20:
      guard let index = orders.indices.randomElement(using: &random) else { return "nothing" }
      orders[index].status = orders[index].status == .confirmed ? .preparing : .readyForPickup
      orders[index].version += 1
      try await town.hear(orders[index])
      return "kitchen"
    case 20..<24:
      guard let index = orders.indices.randomElement(using: &random) else { return "nothing" }
      var order = orders.remove(at: index)
      order.status = .cancelled
      order.version += 1
      try await town.hear(order)
      return "cancel"
    case 24..<46:
      guard let offer = try await town.openOffer(of: courier) else { return "no offer" }
      let refusal = await town.refusal(AcceptOffer(offerId: offer.offerId), as: courier)
      #expect(refusal == nil)
      return "accept"
    case 46..<53:
      guard let offer = try await town.openOffer(of: courier) else { return "no offer" }
      let refusal = await town.refusal(DeclineOffer(offerId: offer.offerId), as: courier)
      #expect(refusal == nil)
      return "decline"
    case 53..<66:
      try await work(town, courier, fails: Int.random(in: 0..<12, using: &random) == 0)
      return "step"
    case 66..<70:
      _ = try await town.call(UpdatePartner(status: Bool.random(using: &random) ? .available : .offline), as: courier)
      return "on or off"
    case 70..<72:
      try await town.restart()
      return "restart"
    case 72..<74:
      if let waiting = try await town.call(ListUnassigned(), as: town.admin).items.first {
        _ = await town.refusal(AssignDelivery(orderId: waiting.orderId, partnerId: courier.user!), as: town.staff)
      }
      return "by hand"
    case 74..<84:
      await town.time.advance(by: .seconds(Int.random(in: 1...40, using: &random)))
      try await town.watch.endSilent()
      return "time"
    default:
      // Most send where they are; some are silent for a while.
      for courier in couriers where Int.random(in: 0..<8, using: &random) > 0 { try await town.place(courier, place(&random)) }
      await town.time.advance(by: .milliseconds(Int.random(in: 1...3000, using: &random)))
      try await town.dispatcher.run(withUnassigned: Bool.random(using: &random))
      return "dispatch"
    }
  }

  private func work(_ town: Town, _ courier: Caller, fails: Bool) async throws {
    let running = try await town.call(ListDeliveries(limit: 200), as: courier).items.first { DeliveryStatus.running.contains($0.status) }
    guard let running else { return }
    let code = try await town.delivery(of: running.orderId)?.handOverCode
    let next: DeliveryStatus =
      switch running.status {
      case .assigned: .arrivedAtRestaurant
      case .arrivedAtRestaurant: .pickedUp
      case .pickedUp: .arrivedAtCustomer
      default: .delivered
      }
    let refusal = await town.refusal(
      UpdateDeliveryStatus(deliveryId: running.id, status: fails ? .failed : next, handOverCode: code, reason: fails ? "flat tyre" : nil), as: courier
    )
    #expect(refusal == nil)
  }

  /// What the tables must never hold, each as a query that must bring nothing.
  private static let forbidden = [
    "two open offers of a partner": "SELECT partner_id FROM delivery_offers WHERE status = 'open' GROUP BY partner_id HAVING COUNT(*) > 1",
    "two open offers of a delivery": "SELECT delivery_id FROM delivery_offers WHERE status = 'open' GROUP BY delivery_id HAVING COUNT(*) > 1",
    "two running deliveries of a partner": """
    SELECT partner_id FROM delivery_deliveries WHERE status IN ('assigned', 'arrived_at_restaurant', 'picked_up', 'arrived_at_customer')
    GROUP BY partner_id HAVING COUNT(*) > 1
    """,
    "a partner offered without an open offer, or the other way round": """
    SELECT user_id FROM delivery_partners p WHERE (status = 'offered') <>
      EXISTS (SELECT 1 FROM delivery_offers o WHERE o.partner_id = p.user_id AND o.status = 'open')
    """,
    "a partner busy without a running delivery, or the other way round": """
    SELECT user_id FROM delivery_partners p WHERE (status = 'busy') <> EXISTS (SELECT 1 FROM delivery_deliveries d
      WHERE d.partner_id = p.user_id AND d.status IN ('assigned', 'arrived_at_restaurant', 'picked_up', 'arrived_at_customer'))
    """,
    "a delivery offered without an open offer, or the other way round": """
    SELECT id FROM delivery_deliveries d WHERE (status = 'offered') <>
      EXISTS (SELECT 1 FROM delivery_offers o WHERE o.delivery_id = d.id AND o.status = 'open')
    """,
    "a waiting delivery that nobody will look at, or one looked at for nothing": """
    SELECT id FROM delivery_deliveries WHERE (status IN ('searching', 'unassigned')) <> (due_at IS NOT NULL)
    """,
    "an ended delivery without its time, or the other way round": """
    SELECT id FROM delivery_deliveries WHERE (status IN ('delivered', 'failed', 'cancelled')) <> (ended_at IS NOT NULL)
    """,
    "more asked within a radius than may be": "SELECT id FROM delivery_deliveries WHERE asked > 3",
    "a delivered delivery without its pay, or the other way round": """
    SELECT id FROM delivery_deliveries d WHERE (status = 'delivered') <>
      EXISTS (SELECT 1 FROM delivery_earnings e WHERE e.delivery_id = d.id)
    """
  ]

  private func brokenInvariant(_ town: Town) async throws -> String? {
    for (what, query) in Self.forbidden.sorted(by: { $0.key < $1.key }) where try await town.count(query) > 0 { return what }
    return nil
  }

  /// When everybody is there and willing, every delivery that is still wanted gets to the door.
  private func settle(_ town: Town, _ couriers: [Caller], _ seed: UInt64) async throws {
    for _ in 0..<400 {
      for courier in couriers {
        _ = try await town.call(UpdatePartner(status: .available), as: courier)
        try await town.place(courier, Town.center)
        if let offer = try await town.openOffer(of: courier) { _ = try await town.call(AcceptOffer(offerId: offer.offerId), as: courier) }
        try await work(town, courier, fails: false)
      }
      await town.time.advance(by: .seconds(10))
      try await town.dispatcher.runIfTime()
      if try await town.count("SELECT id FROM delivery_deliveries WHERE ended_at IS NULL") == 0 { break }
    }
    let left = try await town.count("SELECT id FROM delivery_deliveries WHERE ended_at IS NULL")
    #expect(left == 0, "seed \(seed)")
    let broken = try await brokenInvariant(town)
    #expect(broken == nil)
    let delivered = try await town.count("SELECT id FROM delivery_deliveries WHERE status = 'delivered'")
    #expect(delivered > 10)
  }
}
