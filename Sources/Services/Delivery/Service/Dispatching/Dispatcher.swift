import DeliveryAPI
import Kernel
import Messaging
import Observability
import Persistence
import Realtime
import ServiceKit

/// Finds a partner for every delivery that waits: ends offers whose time is up, and makes the next ones.
///
/// All it goes by stands in the database, so a start takes up what was left; every change is conditional on what was read.
struct Dispatcher: Sendable {
  let context: DeliveryContext

  /// Deliveries looked at in one run; a longer queue rings for the next run.
  private static let batch = 300
  /// Deliveries on the manual list that are looked at when somebody comes free, however few are free.
  private static let choice = 100
  private static let pauseMilliseconds = 1000

  /// Works if the bell rang or a second passed; costs nothing otherwise.
  func runIfTime() async throws {
    let (isTime, hasFreePartner) = context.bell.hear(now: context.time.now, pauseMilliseconds: Self.pauseMilliseconds)
    guard isTime else { return }
    do { try await run(withUnassigned: hasFreePartner) } catch {
      if hasFreePartner { context.bell.ringForPartner() } else { context.bell.ring() }
      if !(error is LostRace) { throw error }
    }
  }

  /// One look at everything that is due.
  func run(withUnassigned: Bool = false) async throws {
    try await bringBack()
    try await endExpired()
    try await search(withUnassigned: withUnassigned)
  }

  /// Partners who were offline for silence, and have sent a position since, are available again.
  private func bringBack() async throws {
    let returning = context.board.takeReturning()
    guard !returning.isEmpty else { return }
    let now = context.time.now
    do {
      try await context.database.write { transaction in
        let back = try PartnerStore(transaction: transaction).move(returning, from: .offline, to: .available, onlyOnline: true)
        try context.tell(back, in: transaction, now: now)
      }
    } catch {
      context.board.putReturningBack(returning)
      throw error
    }
  }

  private func endExpired() async throws {
    let now = context.time.now
    guard try await context.database.read({ try OfferStore(transaction: $0).hasExpired(at: now) }) else { return }
    try await context.database.write { transaction in
      let expired = try OfferStore(transaction: transaction).expire(at: now)
      let released = try PartnerStore(transaction: transaction).release(expired.map(\.partnerId), counts: true)
      let searched = try DeliveryStore(transaction: transaction).searchAgain(expired.map(\.deliveryId), at: now)
      show(expired, of: searched, in: transaction, now: now)
      try context.tell(released.filter { $0.status == .offline }, in: transaction, now: now)
      try context.tell(released.filter { $0.status != .offline }, isNews: false, in: transaction, now: now)
    }
  }

  /// Tells those whose time was up, so that their screens let the offer go.
  private func show(_ expired: [OfferKey], of deliveries: [DeliveryRow], in transaction: any Transaction, now: Instant) {
    let byID = Dictionary(deliveries.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let frames = expired.compactMap { offer in
      byID[offer.deliveryId].map { delivery in
        var update = delivery.update(offer: offer.id, at: now)
        update.reason = "offer_expired"
        return (channel: "partner:\(offer.partnerId)", update: update)
      }
    }
    transaction.afterCommit { [channels = context.channels, measures = context.measures] in
      measures.expired.increment(by: frames.count)
      for frame in frames { channels.publish("delivery_update", to: frame.channel, frame.update) }
    }
  }

  private func search(withUnassigned: Bool) async throws {
    let now = context.time.now
    let free = context.board.free(now: now)
    // Where hands are short the nearest of many is what brings most of them to the table; the others have their time.
    let unassigned = withUnassigned && !free.isEmpty ? min(Self.batch, max(Self.choice, free.count * 4)) : 0
    let (due, passed) = try await context.database.read { transaction in
      let due = try DeliveryStore(transaction: transaction).due(at: now, limit: Self.batch, unassigned: unassigned)
      return (due, try OfferStore(transaction: transaction).passed(due.map(\.id)))
    }
    context.measures.waiting.set(Double(due.count))
    guard !due.isEmpty else { return }
    let steps = plan(due, passed, FreePartnerGrid(free), now: now)
    // Giving up again on what was looked at only because somebody came free would just write the same.
    let givenUp = steps.filter { delivery, step in
      if case .giveUp = step { delivery.dueAt.map { $0 <= now } ?? false } else { false }
    }.map(\.0.id)
    let offers = steps.compactMap { delivery, step -> (DeliveryRow, OfferRow)? in
      guard case .offer(let partner, let score, let meters, let round) = step else { return nil }
      var delivery = delivery
      delivery.round = round
      let offer = OfferRow(
        id: context.ids.next(), deliveryId: delivery.id, partnerId: partner, round: round.number, status: .open, score: score,
        distanceMeters: Int(meters), offeredAt: now, expiresAt: Instant(milliseconds: now.milliseconds + context.settings.rules.offerSeconds * 1000))
      return (delivery, offer)
    }
    if !offers.isEmpty || !givenUp.isEmpty {
      try await context.database.write { transaction in
        try make(offers, in: transaction, now: now)
        try giveUp(givenUp, in: transaction, now: now)
      }
    }
    if due.count >= Self.batch, !offers.isEmpty || !givenUp.isEmpty { context.bell.ring() }
  }

  private func plan(
    _ due: [DeliveryRow], _ passed: [DeliveryID: [PassedOffer]], _ grid: FreePartnerGrid, now: Instant
  ) -> [(DeliveryRow, DispatchStep)] {
    let again = now.milliseconds - context.settings.rules.askAgainSeconds * 1000
    let waiting = due.map { delivery in
      let left = (passed[delivery.id] ?? []).filter { offer in
        offer.at.milliseconds > again || (delivery.status == .searching && offer.round == delivery.round.number)
      }
      return WaitingDelivery(
        id: delivery.id, restaurant: delivery.restaurantPoint, status: delivery.status, round: delivery.round,
        passed: Set(left.map(\.partner) + (delivery.failedPartnerId.map { [$0] } ?? [])),
        waitedSeconds: Double(now.milliseconds - (delivery.readyAt ?? delivery.createdAt).milliseconds) / 1000,
        tripMeters: Double(delivery.distanceMeters))
    }
    return zip(due, DispatchPlan(rules: context.settings.rules).steps(waiting, near: grid.near)).map { ($0, $1.1) }
  }

  private func make(_ offers: [(DeliveryRow, OfferRow)], in transaction: any Transaction, now: Instant) throws {
    let deliveries = DeliveryStore(transaction: transaction)
    let unchanged = try deliveries.unchanged(offers.map(\.0.id))
    let possible = offers.filter { unchanged[$0.0.id] == $0.0.version }
    let moved = try PartnerStore(transaction: transaction).move(possible.map(\.1.partnerId), from: .available, to: .offered)
    let free = Set(moved.map(\.id))
    let made = possible.filter { free.contains($0.1.partnerId) }
    guard try deliveries.offer(made.map(\.0)) == made.count else { throw LostRace() }
    let changed = made.map { delivery, offer in
      var delivery = delivery
      delivery.status = .offered
      return (delivery: delivery, offer: offer)
    }
    try OfferStore(transaction: transaction).add(changed.map(\.offer))
    for (delivery, offer) in changed {
      var notice = delivery.notice
      notice.partnerId = offer.partnerId
      try context.outbox.publish(DeliveryOffered(delivery: notice, offerId: offer.id, expiresAt: offer.expiresAt), in: transaction)
    }
    try context.tell(moved, isNews: false, in: transaction, now: now)
    let frames = changed.map { (channel: "partner:\($0.offer.partnerId)", offer: $0.delivery.offer($0.offer.id, expiresAt: $0.offer.expiresAt)) }
    transaction.afterCommit { [channels = context.channels, measures = context.measures] in
      measures.offered.increment(by: frames.count)
      for frame in frames { channels.publish("delivery_offer", to: frame.channel, frame.offer) }
    }
    guard made.count < offers.count else { return }
    // Somebody moved meanwhile: the board learns it, and what got no offer is looked at again at once, not after a second.
    let others = try PartnerStore(transaction: transaction).find(possible.map(\.1.partnerId).filter { !free.contains($0) })
    transaction.afterCommit { [bell = context.bell, board = context.board] in
      for partner in others { board.apply(partner, now: now) }
      bell.ring()
    }
  }

  private func giveUp(_ ids: [DeliveryID], in transaction: any Transaction, now: Instant) throws {
    guard !ids.isEmpty else { return }
    let rules = context.settings.rules
    let due = Instant(milliseconds: now.milliseconds + rules.retrySeconds * 1000)
    let fresh = try DeliveryStore(transaction: transaction).giveUp(ids, dueAt: due, lastRadius: rules.radiiMeters.count - 1)
    for delivery in fresh {
      try context.outbox.publish(DeliveryUnassigned(delivery: delivery.notice), in: transaction)
    }
    guard !fresh.isEmpty else { return }
    let lost = fresh.map(\.id)
    transaction.afterCommit { [measures = context.measures] in
      measures.unassigned.increment(by: lost.count)
      measures.log.warning("nobody took these deliveries: they wait on the manual list", ["deliveries": lost])
    }
  }
}
