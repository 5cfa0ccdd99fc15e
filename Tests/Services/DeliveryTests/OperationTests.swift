import DeliveryAPI
import Kernel
import OrderingAPI
import Persistence
import ServiceKit
import TestKit
import Testing
import Wire

@testable import Delivery

@Suite struct DeliveryJourneyTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func fromConfirmedToTheDoor(_ delivery: Switchboard.LocalDelivery) async throws {
    let town = try await Town(delivery)
    let courier = try await town.online(Town.center.offset(northMeters: 300, eastMeters: 0))
    let customer = town.customer()
    let order = town.notice(customer: customer.user)
    let frames = town.listen("partner:\(courier.user!)"), followed = town.listen("order:\(order.orderId)")
    try await town.hear(order)
    try await town.dispatcher.runIfTime()
    #expect(try await town.status(courier) == .offered)
    #expect(frames.count("delivery_offer") == 1)
    let offer = try #require(try await town.openOffer(of: courier))
    // 2.50 and 0.60 a kilometre for 1.5 km of line, and the tip of 2.00.
    #expect(offer.pay == Amount(units: 540) && offer.expiresAt == town.time.now + .seconds(30))

    let taken = try await town.call(AcceptOffer(offerId: offer.offerId), as: courier)
    #expect(taken.status == .assigned && taken.partnerId == courier.user && taken.customerAddress == "Garden Lane 7")
    #expect(try await town.status(courier) == .busy)
    let code = try #require(try await town.call(GetTracking(orderId: order.orderId), as: customer).handOverCode)
    #expect(code.count == 4)
    #expect(try await town.call(GetTracking(orderId: order.orderId), as: courier).handOverCode == nil)
    #expect(try await town.call(GetTracking(orderId: order.orderId), as: town.staff).handOverCode == nil)

    for (step, before) in [(DeliveryStatus.arrivedAtRestaurant, "assigned"), (.pickedUp, ""), (.arrivedAtCustomer, "")] {
      await town.time.advance(by: .seconds(120))
      let moved = try await town.call(UpdateDeliveryStatus(deliveryId: taken.id, status: step), as: courier)
      #expect(moved.status == step, "\(before)")
      #expect(try await town.call(UpdateDeliveryStatus(deliveryId: taken.id, status: step), as: courier) == moved)
    }
    #expect(await town.refusal(UpdateDeliveryStatus(deliveryId: taken.id, status: .delivered), as: courier) == "hand_over_code_needed")
    let done = try await town.call(UpdateDeliveryStatus(deliveryId: taken.id, status: .delivered, handOverCode: code), as: courier)
    #expect(done.status == .delivered && done.customerAddress == nil)
    #expect(done.steps.map(\.status) == ["searching", "assigned", "arrived_at_restaurant", "picked_up", "arrived_at_customer", "delivered"])

    let partner = try await town.call(GetPartner(), as: courier)
    #expect(partner.status == .available && partner.totalDeliveries == 1 && partner.acceptanceRate == 1 && partner.completionRate == 1)
    await town.time.advance(by: .seconds(1))
    let earned = try await town.call(ListEarnings(timeZone: "Europe/Berlin"), as: courier)
    #expect(earned.totals.map(\.total.description) == ["5.40"] && earned.totals.map(\.tips.description) == ["2.00"])
    #expect(earned.days.count == 1 && earned.weeks.count == 1)
    let events = try await town.events()
    #expect(events.count { $0 == "rider.assigned" } == 1 && events.count { $0 == "delivery.status_changed" } == 4)
    #expect(events.count { $0 == "delivery.offered" } == 1)
    #expect(followed.count("delivery_update") == 5)
    let after = try await town.call(GetTracking(orderId: order.orderId), as: customer)
    #expect(after.courier == nil && after.eta == nil && after.handOverCode == nil)
  }

  @Test func whatIsOrderedAheadIsNotPromisedSooner() async throws {
    let town = try await Town()
    let customer = town.customer()
    func eta(in hours: Int) async throws -> ExpectedTimes? {
      var order = town.notice(customer: customer.user, status: .pending, version: 1)
      order.readyAt = nil
      order.estimatedDeliveryTime = town.time.now + .seconds(hours * 3600)
      try await town.hear(order)
      return try await town.call(GetTracking(orderId: order.orderId), as: customer).eta
    }
    #expect(try await eta(in: 20) == nil)
    // The kitchen is as good as waited for.
    #expect(try #require(try await eta(in: 1)).latest > town.time.now + .seconds(3600))
  }

  @Test func stepsOutOfOrderAreRefusedAndChangeNothing() async throws {
    let (town, courier, delivery, _) = try await assigned()
    for step in DeliveryStatus.allCases where step != .assigned && step != .arrivedAtRestaurant && step != .failed {
      #expect(await town.refusal(UpdateDeliveryStatus(deliveryId: delivery.id, status: step), as: courier) == "step_illegal", "\(step)")
    }
    #expect(await town.refusal(UpdateDeliveryStatus(deliveryId: delivery.id, status: .failed), as: courier) == "reason_needed")
    #expect(
      await town.refusal(UpdateDeliveryStatus(deliveryId: delivery.id, status: .arrivedAtRestaurant, version: 1), as: courier) == "version_stale")
    #expect(try await town.call(GetDelivery(deliveryId: delivery.id), as: courier) == delivery)
  }

  @Test func fiveWrongCodesLockTheHandOverForThePartner() async throws {
    let (town, courier, delivery, order) = try await assigned()
    for step in [DeliveryStatus.arrivedAtRestaurant, .pickedUp, .arrivedAtCustomer] {
      _ = try await town.call(UpdateDeliveryStatus(deliveryId: delivery.id, status: step), as: courier)
    }
    let code = try #require(try await town.delivery(of: order.orderId)?.handOverCode)
    let wrong = (0..<6).map { "\((Int(code)! + 1 + $0) % 10_000 + 10_000)".suffix(4) }.map(String.init)
    // The same wrong code twice is one try.
    for guess in [wrong[0], wrong[0]] + wrong[1..<5] {
      let refusal = await town.refusal(UpdateDeliveryStatus(deliveryId: delivery.id, status: .delivered, handOverCode: guess), as: courier)
      #expect(refusal == "hand_over_code_wrong")
    }
    let right = UpdateDeliveryStatus(deliveryId: delivery.id, status: .delivered, handOverCode: code)
    #expect(await town.refusal(right, as: courier) == "hand_over_code_locked")
    #expect(await town.refusal(right, as: town.stranger) == "delivery_unknown")
    let done = try await town.call(UpdateDeliveryStatus(deliveryId: delivery.id, status: .delivered), as: town.staff)
    #expect(done.status == .delivered)
  }

  @Test func aStepToldLaterKeepsItsTime() async throws {
    let (town, courier, delivery, _) = try await assigned()
    let arrived = town.time.now + .seconds(60)
    await town.time.advance(by: .seconds(600))
    let moved = try await town.call(UpdateDeliveryStatus(deliveryId: delivery.id, status: .arrivedAtRestaurant, occurredAt: arrived), as: courier)
    #expect(moved.steps.last == StepTime(status: "arrived_at_restaurant", at: arrived))
    let next = try await town.call(
      UpdateDeliveryStatus(deliveryId: delivery.id, status: .pickedUp, occurredAt: arrived - .seconds(3000)), as: courier)
    #expect(next.steps.last?.at == arrived)
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func failingBeforeTheFoodGivesTheDeliveryToSomebodyElse(_ mode: Switchboard.LocalDelivery) async throws {
    let (town, courier, delivery, order) = try await assigned(mode)
    let other = try await town.online(Town.center.offset(northMeters: 4000, eastMeters: 0))
    try await town.place(courier, Town.center)
    let failed = try await town.call(UpdateDeliveryStatus(deliveryId: delivery.id, status: .failed, reason: "flat tyre"), as: courier)
    #expect(failed.status == .failed && failed.reason == "flat tyre")
    #expect(try await town.status(courier) == .available)
    #expect(try await town.call(GetPartner(), as: courier).completionRate == 0)
    try await town.dispatcher.runIfTime()
    #expect(try await town.openOffer(of: courier) == nil, "not to the one who just gave it back, though nearer")
    #expect(try await town.openOffer(of: other)?.orderId == order.orderId)
    #expect(try await town.events().count { $0 == "delivery.status_changed" } == 1)
  }

  @Test func cancellingTheOrderFreesThePartner() async throws {
    let (town, courier, delivery, order) = try await assigned()
    let frames = town.listen("partner:\(courier.user!)")
    var cancelled = order
    cancelled.status = .cancelled
    cancelled.version += 1
    try await town.hear(cancelled)
    #expect(try await town.status(courier) == .available)
    #expect(frames.count("delivery_update") == 1)
    #expect(await town.refusal(UpdateDeliveryStatus(deliveryId: delivery.id, status: .pickedUp), as: courier) == "order_cancelled")
    #expect(try await town.call(GetPartner(), as: courier).completionRate == nil, "not the partner's doing")
  }

  @Test func onlyThoseConcernedSeeAnything() async throws {
    let (town, courier, delivery, order) = try await assigned()
    let other = try await town.online(Town.center)
    for caller in [other, town.stranger] {
      #expect(await town.refusal(GetDelivery(deliveryId: delivery.id), as: caller) == "delivery_unknown")
      #expect(await town.refusal(UpdateDeliveryStatus(deliveryId: delivery.id, status: .arrivedAtRestaurant), as: caller) == "delivery_unknown")
      #expect(await town.refusal(GetTracking(orderId: order.orderId), as: caller) == "order_unknown")
      #expect(try await town.call(ListDeliveries(), as: caller).items.isEmpty)
    }
    #expect(await town.refusal(GetTracking(orderId: order.orderId), as: town.customer()) == "order_unknown")
    #expect(await town.refusal(GetTracking(orderId: town.ids.next()), as: town.admin) == "order_unknown")
    #expect(await town.refusal(GetTracking(orderId: order.orderId), as: .anonymous) == "not_signed_in")
    #expect(await town.refusal(GetPartner(), as: town.customer()) == "forbidden")
    #expect(await town.refusal(AssignDelivery(orderId: order.orderId, partnerId: courier.user!), as: courier) == "forbidden")
    #expect(await town.refusal(AssignDelivery(orderId: order.orderId, partnerId: courier.user!), as: town.stranger) == "delivery_unknown")
    for caller in [courier, town.staff, town.admin] {
      #expect(try await town.call(GetDelivery(deliveryId: delivery.id), as: caller).id == delivery.id)
      #expect(try await town.call(ListDeliveries(), as: caller).items.map(\.id) == [delivery.id])
    }
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func whatNobodyTakesIsAssignedByHandOrWhenSomebodyComes(_ mode: Switchboard.LocalDelivery) async throws {
    let town = try await Town(mode)
    let order = town.notice(), second = town.notice()
    try await town.hear(order)
    try await town.hear(second)
    try await town.dispatcher.runIfTime()
    #expect(try await town.call(ListUnassigned(), as: town.staff).items.map(\.orderId) == [order.orderId, second.orderId])
    #expect(try await town.call(ListUnassigned(), as: town.stranger).items.isEmpty)
    #expect(try await town.events() == ["delivery.unassigned", "delivery.unassigned"])
    let courier = try await town.online(Town.center)
    let late = try await town.online(Town.center.offset(northMeters: 9000, eastMeters: 0))
    let given = try await town.call(AssignDelivery(orderId: order.orderId, partnerId: courier.user!), as: town.staff)
    #expect(given.status == .assigned && given.partnerId == courier.user)
    #expect(await town.refusal(AssignDelivery(orderId: second.orderId, partnerId: courier.user!), as: town.staff) == "partner_not_free")
    #expect(await town.refusal(AssignDelivery(orderId: second.orderId, partnerId: town.ids.next()), as: town.staff) == "partner_unknown")
    // Somebody came online, so the manual list is tried before its minute is over.
    try await town.dispatcher.runIfTime()
    #expect(try await town.openOffer(of: late)?.orderId == second.orderId)
  }

  /// Going on and telling where one stands are two requests: whichever makes a partner free, the manual list is tried then.
  @Test(arguments: [true, false]) func theManualListIsTriedOnceItIsKnownWhereSomebodyIs(isFirstPosition: Bool) async throws {
    let town = try await Town()
    let caller = town.courier()
    if isFirstPosition {
      _ = try await town.call(RegisterPartner(vehicleType: .bicycle, name: "Ada"), as: caller)
    } else {
      _ = try await town.online(Town.center, caller)
      _ = try await town.call(UpdatePartner(status: .offline), as: caller)
      await town.time.advance(by: .seconds(90))
    }
    let order = town.notice()
    try await town.hear(order)
    try await town.dispatcher.runIfTime()
    #expect(try await town.delivery(of: order.orderId)?.status == .unassigned)
    _ = try await town.call(UpdatePartner(status: .available), as: caller)
    try await town.dispatcher.runIfTime()
    #expect(try await town.openOffer(of: caller) == nil, "nobody knows where the partner is")
    try await town.place(caller, Town.center)
    try await town.dispatcher.runIfTime()
    #expect(try await town.openOffer(of: caller)?.orderId == order.orderId)
  }

  @Test func aPickupIsTrackedWithoutADelivery() async throws {
    let town = try await Town()
    let customer = town.customer()
    var order = town.notice(customer: customer.user, status: .confirmed, fulfilment: .pickup)
    try await town.hear(order)
    order.status = .readyForPickup
    order.version += 1
    await town.time.advance(by: .seconds(60))
    try await town.hear(order)
    try await town.hear(order)
    let tracking = try await town.call(GetTracking(orderId: order.orderId), as: customer)
    #expect(tracking.deliveryId == nil && tracking.eta == nil && tracking.status == .readyForPickup)
    #expect(tracking.steps.map(\.status) == ["confirmed", "ready_for_pickup"])
    #expect(try await town.count("SELECT 1 FROM delivery_deliveries") == 0)
  }

  @Test func starsAreGivenOnceByTheCustomerAndCount() async throws {
    let (town, courier, delivery, order) = try await assigned()
    let customer = Caller(user: order.customerId, roles: [.customer])
    #expect(await town.refusal(RateDelivery(deliveryId: delivery.id, stars: 4), as: customer) == "not_delivered")
    for step in [DeliveryStatus.arrivedAtRestaurant, .pickedUp, .arrivedAtCustomer, .delivered] {
      _ = try await town.call(UpdateDeliveryStatus(deliveryId: delivery.id, status: step), as: town.admin)
    }
    #expect(await town.refusal(RateDelivery(deliveryId: delivery.id, stars: 4), as: courier) == "delivery_unknown")
    let open = try await town.call(GetTracking(orderId: order.orderId), as: customer)
    #expect(open.deliveryId == delivery.id && open.deliveryRating == nil)
    for _ in 0..<2 { _ = try await town.call(RateDelivery(deliveryId: delivery.id, stars: 4), as: customer) }
    #expect(try await town.call(GetTracking(orderId: order.orderId), as: customer).deliveryRating == 4)
    #expect(try await town.call(GetTracking(orderId: order.orderId), as: town.staff).deliveryRating == nil)
    #expect(await town.refusal(RateDelivery(deliveryId: delivery.id, stars: 5), as: customer) == "already_rated")
    #expect(try await town.call(GetPartner(), as: courier).rating == 4)
  }

  /// A delivery that a partner has just accepted.
  private func assigned(_ mode: Switchboard.LocalDelivery = .direct) async throws -> (Town, Caller, DeliveryAPI.Delivery, OrderNotice) {
    let town = try await Town(mode)
    let courier = try await town.online(Town.center)
    let order = town.notice()
    try await town.hear(order)
    try await town.dispatcher.runIfTime()
    let offer = try #require(try await town.openOffer(of: courier))
    return (town, courier, try await town.call(AcceptOffer(offerId: offer.offerId), as: courier), order)
  }
}
