import DeliveryAPI
import Kernel
import OrderingAPI
import Persistence
import ServiceKit
import TestKit
import Testing

@testable import Delivery

@Suite struct OfferTests {
  @Test func anOfferRunsOutAfterHalfAMinuteAndGoesToTheNext() async throws {
    let town = try await Town()
    let near = try await town.online(Town.center)
    let frames = town.listen("partner:\(near.user!)")
    let next = try await town.online(Town.center.offset(northMeters: 900, eastMeters: 0))
    try await town.hear(town.notice())
    try await town.dispatcher.runIfTime()
    let offer = try #require(try await town.openOffer(of: near))
    await town.time.advance(by: .milliseconds(29_999))
    for courier in [near, next] { try await town.place(courier, Town.center) }
    try await town.dispatcher.runIfTime()
    #expect(try await town.openOffer(of: near)?.offerId == offer.offerId)
    await town.time.advance(by: .milliseconds(1))
    // Time decides, not the dispatcher's round.
    #expect(await town.refusal(AcceptOffer(offerId: offer.offerId), as: near) == "offer_gone")
    #expect(try await town.openOffer(of: near) == nil)
    await town.time.advance(by: .seconds(1))
    try await town.dispatcher.runIfTime()
    #expect(try await town.status(near) == .available)
    #expect(try await town.status(next) == .offered)
    #expect(frames.frames.last?.contains("\"reason\":\"offer_expired\"") == true)
    #expect(try await town.call(GetPartner(), as: near).acceptanceRate == 0)
    #expect(await town.refusal(AcceptOffer(offerId: offer.offerId), as: next) == "offer_unknown")
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func decliningIsOnceAndFinal(_ mode: Switchboard.LocalDelivery) async throws {
    let town = try await Town(mode)
    let courier = try await town.online(Town.center)
    try await town.hear(town.notice())
    try await town.dispatcher.runIfTime()
    let offer = try #require(try await town.openOffer(of: courier))
    _ = try await town.call(DeclineOffer(offerId: offer.offerId), as: courier)
    #expect(await town.refusal(AcceptOffer(offerId: offer.offerId), as: courier) == "offer_gone")
    #expect(try await town.status(courier) == .available)
    try await town.dispatcher.runIfTime()
    #expect(try await town.openOffer(of: courier) == nil, "not asked again in the same round")
    #expect(try await town.call(ListUnassigned(), as: town.admin).items.count == 1)
    for minute in 1...10 {
      await town.time.advance(by: .seconds(61))
      try await town.place(courier, Town.center)
      try await town.dispatcher.run(withUnassigned: true)
      #expect(try await (town.openOffer(of: courier) != nil) == (minute >= 10), "\(minute): not asked again before ten minutes are over")
    }
  }

  @Test func goingOfflineLeavesTheOffer() async throws {
    let town = try await Town()
    let courier = try await town.online(Town.center)
    try await town.hear(town.notice())
    try await town.dispatcher.runIfTime()
    let offer = try #require(try await town.openOffer(of: courier))
    #expect(try await town.call(UpdatePartner(status: .offline), as: courier).status == .offline)
    #expect(await town.refusal(AcceptOffer(offerId: offer.offerId), as: courier) == "offer_gone")
    #expect(await town.refusal(UpdatePartner(status: .busy), as: courier) == "status_not_yours")
  }

  @Test func theKitchensTimeDecidesWhenTheSearchStarts() async throws {
    let town = try await Town()
    let courier = try await town.online(Town.center)
    var order = town.notice(readyIn: .seconds(1500))
    try await town.hear(order)
    try await town.dispatcher.run()
    #expect(try await town.openOffer(of: courier) == nil)
    await town.time.advance(by: .seconds(899))
    try await town.place(courier, Town.center)
    try await town.dispatcher.run()
    #expect(try await town.openOffer(of: courier) == nil)
    await town.time.advance(by: .seconds(1))
    try await town.dispatcher.run()
    #expect(try await town.openOffer(of: courier)?.orderId == order.orderId)

    let second = try await Town()
    let other = try await second.online(Town.center)
    order = second.notice(readyIn: .seconds(1500))
    try await second.hear(order)
    order.status = .preparing
    order.version += 1
    try await second.hear(order)
    try await second.dispatcher.run()
    #expect(try await second.openOffer(of: other)?.orderId == order.orderId, "at the latest when the kitchen starts")

    let third = try await Town(settings: ["delivery.trustKitchenTimes": "true"])
    let last = try await third.online(Town.center)
    order = third.notice(readyIn: .seconds(1500))
    for status in [OrderStatus.confirmed, .preparing] {
      order.status = status
      order.version += 1
      try await third.hear(order)
    }
    try await third.dispatcher.run()
    #expect(try await third.openOffer(of: last) == nil, "a kitchen that is trusted is waited for")
    order.status = .readyForPickup
    order.version += 1
    try await third.hear(order)
    try await third.dispatcher.run()
    #expect(try await third.openOffer(of: last)?.orderId == order.orderId, "but never longer than until the food is ready")
  }

  /// Accepting, declining, cancelling and running out at the same moment: one wins, whoever it is, and the rest is told so.
  @Test(arguments: [UInt64(1), 2, 3])
  func ofRivalsExactlyOneWins(_ seed: UInt64) async throws {
    let town = try await Town(seed: seed)
    let courier = try await town.online(Town.center)
    var random = SeededGenerator(seed)
    var wins: [String: Int] = [:]
    for round in 0..<40 {
      try await town.place(courier, Town.center.offset(northMeters: Double(round), eastMeters: 0))
      var order = town.notice()
      try await town.hear(order)
      try await town.dispatcher.run()
      let offer = try #require(try await town.openOffer(of: courier))
      order.status = .cancelled
      order.version += 1
      let cancelled = order
      if round % 3 == 0 { await town.time.advance(by: .milliseconds(29_999)) }
      let rivals: [(String, @Sendable () async -> String?)] = [
        ("accept", { await town.refusal(AcceptOffer(offerId: offer.offerId), as: courier) }),
        ("decline", { await town.refusal(DeclineOffer(offerId: offer.offerId), as: courier) }),
        ("cancel", { do { try await town.hear(cancelled); return nil } catch { return "\(error)" } }),
        (
          "dispatch",
          {
            await town.time.advance(by: .milliseconds(1))
            do { try await town.dispatcher.run(); return nil } catch { return "\(error)" }
          }
        )
      ]
      let results = await withTaskGroup(of: (String, String?).self) { group in
        for (name, act) in rivals.shuffled(using: &random) { group.addTask { (name, await act()) } }
        return await group.reduce(into: [String: String?]()) { $0[$1.0] = $1.1 }
      }
      let winners = ["accept", "decline"].filter { results[$0] == .some(nil) }
      #expect(winners.count <= 1, "\(results)")
      for loser in ["accept", "decline"] where !winners.contains(loser) { #expect(results[loser] == "offer_gone") }
      #expect(results["cancel"] == .some(nil) && results["dispatch"] == .some(nil), "\(results)")
      wins[winners.first ?? "cancelled or too late", default: 0] += 1
      // Whoever won, the order was cancelled: the partner is free again.
      #expect(try await town.status(courier) == .available)
      #expect(try await town.count("SELECT 1 FROM delivery_offers WHERE status = 'open'") == 0)
    }
    #expect(wins.count == 3, "each must win sometimes, or the race was none: \(wins)")
  }

  /// The tables themselves refuse what no code may do.
  @Test func theTablesRefuseTwoOffersAndTwoRuns() async throws {
    let town = try await Town()
    let courier = try await town.online(Town.center)
    try await town.hear(town.notice())
    try await town.hear(town.notice())
    try await town.dispatcher.run()
    let copy = """
      INSERT INTO delivery_offers SELECT ?, %, round, status, score, score_distance, score_rating, score_acceptance, score_completion,
      distance_meters, offered_at, expires_at, ended_at, reason FROM delivery_offers
      """
    for columns in ["'another', partner_id", "delivery_id, 'another'"] {
      await #expect(throws: (any Error).self) {
        try await town.database.write { try $0.run(copy.replacing("%", with: columns), .text("new")) }
      }
    }
    await #expect(throws: (any Error).self) {
      try await town.database.write { try $0.run("UPDATE delivery_deliveries SET status = 'assigned', partner_id = ?", .id(courier.user)) }
    }
    try await town.database.write { try $0.run(copy.replacing("%", with: "'another', 'another'"), .text("new")) }
  }

  /// Another process changed a partner: the board here does not know, the tables decide, and the board learns.
  @Test func aBoardThatIsBehindOffersNothingTwice() async throws {
    let town = try await Town()
    let gone = try await town.online(Town.center), there = try await town.online(Town.center.offset(northMeters: 800, eastMeters: 0))
    try await town.database.write {
      try $0.run("UPDATE delivery_partners SET status = 'offline', is_online = 0, version = version + 1 WHERE user_id = ?", .id(gone.user))
    }
    try await town.hear(town.notice())
    try await town.dispatcher.run()
    #expect(try await town.status(gone) == .offline)
    try await town.dispatcher.runIfTime()
    #expect(try await town.openOffer(of: there) != nil)
  }

  @Test func whoWaitsLongestChoosesFirst() async throws {
    let town = try await Town()
    let old = town.notice()
    try await town.hear(old)
    try await town.dispatcher.run()
    #expect(try await town.call(ListUnassigned(), as: town.admin).items.count == 1)
    await town.time.advance(by: .seconds(5))
    try await town.hear(town.notice())
    let courier = try await town.online(Town.center)
    try await town.dispatcher.runIfTime()
    #expect(try await town.openOffer(of: courier)?.orderId == old.orderId)
  }

  @Test func hundredsAreDispatchedInOneLook() async throws {
    let town = try await Town()
    var random = SeededGenerator(5)
    func place() -> GeoPoint {
      Town.center.offset(northMeters: Double.random(in: -5000...5000, using: &random), eastMeters: Double.random(in: -5000...5000, using: &random))
    }
    for _ in 0..<250 { _ = try await town.online(place()) }
    for _ in 0..<250 { try await town.hear(town.notice(from: place(), to: place())) }
    let clock = ContinuousClock()
    let spent = try await clock.measure { try await town.dispatcher.run() }
    #expect(try await town.count("SELECT 1 FROM delivery_offers WHERE status = 'open'") >= 245)
    #expect(spent < .seconds(5), "unoptimised, on a busy machine")
  }
}
