import DeliveryAPI
import Kernel
import OrderingAPI
import Persistence
import ServiceKit
import TestKit
import Testing
import Wire

@testable import Delivery

@Suite struct PositionTests {
  @Test func theNewestCountsWhateverOrderTheyComeIn() async throws {
    let town = try await Town()
    let courier = try await town.online(Town.center)
    await town.time.advance(by: .seconds(100))
    let now = town.time.now
    func position(_ north: Double, _ ago: Int) -> Position {
      let point = Town.center.offset(northMeters: north, eastMeters: 0)
      return Position(latitude: point.latitude, longitude: point.longitude, recordedAt: now - .seconds(ago))
    }
    // Sent the wrong way round, one older than what is known, one from a clock that is a year ahead.
    let taken = try await town.call(
      RecordPositions(positions: [position(300, 20), position(100, 60), position(200, 40), position(50, 500)]), as: courier)
    #expect(taken == PositionsTaken(accepted: 3, ignored: 1))
    #expect(seen(town, courier)?.recordedAt == now - .seconds(20))
    let future = try await town.call(
      RecordPositions(latitude: 52.6, longitude: 13.4, recordedAt: now + .seconds(31_536_000)), as: courier)
    #expect(future.accepted == 1 && seen(town, courier)?.recordedAt == now)
    await town.time.advance(by: .seconds(2))
    #expect(try await town.call(RecordPositions(latitude: 52.7, longitude: 13.4), as: courier).accepted == 1, "and later ones are still taken")
  }

  @Test func whatIsWrongIsSaidAndChangesNothing() async throws {
    let town = try await Town(.loopback)
    let courier = try await town.online(Town.center)
    let before = seen(town, courier)?.recordedAt
    await town.time.advance(by: .seconds(1))
    #expect(await town.refusal(RecordPositions(latitude: 52), as: courier) == "invalid: longitude: is required where there is no positions")
    #expect(await town.refusal(RecordPositions(latitude: 91, longitude: 13), as: courier)?.hasPrefix("invalid: latitude") == true)
    #expect(await town.refusal(RecordPositions(latitude: 52, longitude: 13), as: town.courier()) == "partner_unknown")
    #expect(await town.refusal(RecordPositions(partnerId: town.ids.next(), latitude: 52, longitude: 13), as: courier) == "forbidden")
    #expect(seen(town, courier)?.recordedAt == before)
    _ = try await town.call(RecordPositions(partnerId: courier.user, latitude: 52, longitude: 13), as: .system)
    #expect(seen(town, courier)?.point?.latitude == 52)
  }

  @Test func silenceIsOfflineAndAPositionComesBack() async throws {
    let town = try await Town()
    let courier = try await town.online(Town.center)
    await town.time.advance(by: .seconds(30))
    try await town.watch.endSilent()
    #expect(try await town.status(courier) == .available)
    await town.time.advance(by: .seconds(1))
    try await town.watch.endSilent()
    #expect(try await town.status(courier) == .offline)
    try await town.hear(town.notice())
    try await town.dispatcher.run()
    #expect(try await town.openOffer(of: courier) == nil)
    try await town.place(courier, Town.center)
    await town.time.advance(by: .seconds(1))
    try await town.dispatcher.run(withUnassigned: true)
    #expect(try await town.openOffer(of: courier) != nil)
    // Who went offline by choice stays so, whatever the device still sends.
    let other = try await town.online(Town.center)
    _ = try await town.call(UpdatePartner(status: .offline), as: other)
    await town.time.advance(by: .seconds(1))
    try await town.place(other, Town.center)
    try await town.dispatcher.run()
    #expect(try await town.status(other) == .offline)
    let changes = try await town.events().filter { $0 == "rider.status_changed" }
    #expect(changes.count == 5, "online, silent, back; online, offline")
  }

  @Test func followersSeeTheCourierOnceASecondWithAgeAndExpectation() async throws {
    let town = try await Town()
    let courier = try await town.online(Town.center)
    let order = town.notice()
    try await town.hear(order)
    try await town.dispatcher.run()
    let offer = try #require(try await town.openOffer(of: courier))
    _ = try await town.call(AcceptOffer(offerId: offer.offerId), as: courier)
    let ear = town.listen("order:\(order.orderId)")
    for step in 1...10 {
      await town.time.advance(by: .milliseconds(250))
      try await town.place(courier, Town.center.offset(northMeters: Double(step) * 10, eastMeters: 0))
    }
    #expect(ear.count("location_update") == 3, "at 0.25, 1.25 and 2.25 s")
    let frame = try #require(ear.frames.last)
    for part in ["\"deliveryPartnerId\":\"\(courier.user!)\"", "\"latitude\":52.52", "\"ageSeconds\":0", "\"eta\":{\"earliest\":\"2026-01-05T"] {
      #expect(frame.contains(part), "\(frame)")
    }
    // A stranger's tracking page asks, the position is there with its age.
    await town.time.advance(by: .seconds(42))
    let tracking = try await town.call(GetTracking(orderId: order.orderId), as: Caller(user: order.customerId, roles: [.customer]))
    #expect(tracking.courier?.position?.ageSeconds == 42 && tracking.courier?.name == "Ada")
    #expect(try #require(tracking.eta).latest > town.time.now)
  }

  @Test func pointsGoToDiskThinnedAndAreThereAfterAStart() async throws {
    let town = try await Town()
    let courier = try await town.online(Town.center)
    for step in 1...120 {
      await town.time.advance(by: .seconds(1))
      try await town.place(courier, Town.center.offset(northMeters: Double(step), eastMeters: 0))
    }
    try await town.watch.writePoints()
    #expect(try await town.count("SELECT 1 FROM delivery_positions") == 5, "at 0, 30, 60, 90 and 120 s")
    try await town.restart()
    let back = try #require(seen(town, courier))
    #expect(back.point?.distanceMeters(to: Town.center.offset(northMeters: 120, eastMeters: 0)) ?? 999 < 0.5)
    await town.time.advance(by: .seconds(8 * 86_400))
    try await town.watch.forgetPoints()
    #expect(try await town.count("SELECT 1 FROM delivery_positions") == 0)
  }

  @Test func theQueueToDiskIsBounded() throws {
    let time = ManualTime()
    let ids = time.ids()
    let board = PositionBoard(bell: Bell(), staleAfterMilliseconds: 60_000, keptLimit: 3)
    let id: UserID = ids.next()
    board.apply(
      PartnerRow(id: id, name: "Ada", vehicle: .foot, status: .available, isOnline: true, record: PartnerRecord(), version: 1, createdAt: time.now),
      now: time.now)
    for step in 0..<10 {
      let at = time.now + .seconds(60 * (step + 1))
      _ = board.take(id, Town.center, at: at, now: at)
    }
    #expect(board.takeKept().count == 3 && board.dropped == 7)
    #expect(board.seen(id)?.recordedAt == time.now + .seconds(600))
  }

  @Test func theCityIsShownToVisitorsOnlyWhereThatIsWanted() async throws {
    let town = try await Town(settings: ["gateway.publicCity": "false"])
    _ = try await town.online(Town.center)
    #expect(await town.refusal(GetCity(), as: .anonymous) == "not_signed_in")
    #expect(await town.refusal(GetCity(), as: town.customer()) == "forbidden")
    let city = try await town.call(GetCity(), as: town.admin).value()
    #expect(city.available == 1 && city.partners.count == 1 && city.deliveries.isEmpty)
    try await town.hear(town.notice())
    #expect(try await town.call(GetCity(), as: town.admin).value() == city, "kept for a second")
    await town.time.advance(by: .seconds(1))
    #expect(try await town.call(GetCity(), as: town.admin).value().deliveries.count == 1)
  }

  private func seen(_ town: Town, _ courier: Caller) -> PositionBoard.Seen? { town.module.context.board.seen(courier.user!) }
}
