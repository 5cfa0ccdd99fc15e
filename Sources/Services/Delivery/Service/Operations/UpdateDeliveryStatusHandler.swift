import DeliveryAPI
import Kernel
import Persistence
import ServiceKit

struct UpdateDeliveryStatusHandler {
  let context: DeliveryContext

  /// A refusal that is an answer, so that what it counts is kept.
  private enum Outcome: Sendable { case done(DeliveryRow), refused(UpdateDeliveryStatusRefusal) }

  func answer(_ request: UpdateDeliveryStatus) async throws -> Delivery {
    let owner = try context.owner(.current)
    let now = context.time.now
    let outcome = try await context.write { transaction in try move(request, as: owner, in: transaction, now: now) }
    switch outcome {
    case .done(let delivery): return delivery.view(forPartner: owner.isPartner)
    case .refused(let refusal): throw refusal
    }
  }

  private func move(
    _ request: UpdateDeliveryStatus, as owner: DeliveryStore.Owner, in transaction: any Transaction, now: Instant
  ) throws -> Outcome {
    let deliveries = DeliveryStore(transaction: transaction)
    guard var delivery = try deliveries.find(request.deliveryId) else { return .refused(.deliveryUnknown) }
    if request.status == .failed, case .partner(let user) = owner, delivery.failedPartnerId == user, delivery.partnerId != user {
      return .done(delivery.asFailed(by: user))
    }
    guard delivery.isVisible(to: owner), let partner = delivery.partnerId else { return .refused(.deliveryUnknown) }
    switch DeliverySteps.verdict(request.status, at: delivery.status) {
    case .repeated: return .done(delivery)
    case .illegal: return .refused(delivery.status == .cancelled ? .orderCancelled : .stepIllegal)
    case .move: break
    }
    if let version = request.version, version != delivery.version { return .refused(.versionStale) }
    if request.status == .pickedUp, try OrderProjection(transaction: transaction).find(delivery.orderId)?.hasEndedEarly == true {
      return .refused(.orderCancelled)
    }
    if request.status == .failed, request.reason == nil { return .refused(.reasonNeeded) }
    if request.status == .delivered {
      let verdict = HandOverCode.verdict(
        request.handOverCode, of: delivery.handOverCode ?? "", wrongTries: delivery.wrongCodes, mayComplete: !owner.isPartner)
      switch verdict {
      case .right: break
      case .needed: return .refused(.handOverCodeNeeded)
      case .locked: return .refused(.handOverCodeLocked)
      case .wrong:
        guard request.handOverCode != delivery.lastWrongCode else { return .refused(.handOverCodeWrong) }
        delivery.wrongCodes += 1
        delivery.lastWrongCode = request.handOverCode
        guard try deliveries.save(&delivery) else { throw LostRace() }
        return .refused(.handOverCodeWrong)
      }
    }
    let at = DeliverySteps.time(request.occurredAt, after: delivery.lastStepAt, now: now)
    if request.status == .failed, delivery.pickedUpAt == nil { return try giveBack(delivery, partner, request.reason, in: transaction, now: now) }
    delivery.make(request.status, reason: request.reason, at: at)
    guard try deliveries.save(&delivery) else { throw LostRace() }
    // The frame goes before the board knows that the partner is free: no offer can overtake it.
    try context.tell(delivery, in: transaction, now: now)
    if delivery.hasEnded {
      if delivery.status == .delivered { try EarningStore(transaction: transaction).add(delivery, partner: partner, at: at) }
      guard let freed = try PartnerStore(transaction: transaction).finish(partner, completed: delivery.status == .delivered) else { throw LostRace() }
      try context.tell([freed], in: transaction, now: now)
    }
    return .done(delivery)
  }

  /// Failed before the food was taken: the partner is done with it, and somebody else is looked for at once.
  private func giveBack(
    _ delivery: DeliveryRow, _ partner: UserID, _ reason: String?, in transaction: any Transaction, now: Instant
  ) throws -> Outcome {
    var failed = delivery.asFailed(by: partner)
    failed.reason = reason
    var searched = delivery
    searched.status = .unassigned
    searched.partnerId = nil
    searched.failedPartnerId = partner
    searched.handOverCode = nil
    searched.assignedAt = nil
    searched.arrivedAtRestaurantAt = nil
    searched.reason = reason
    searched.dueAt = now
    guard try DeliveryStore(transaction: transaction).save(&searched),
      let freed = try PartnerStore(transaction: transaction).finish(partner, completed: false)
    else { throw LostRace() }
    failed.version = searched.version
    try context.tell(failed, in: transaction, now: now)
    try context.tell([freed], in: transaction, now: now)
    transaction.afterCommit { [bell = context.bell] in bell.ring() }
    return .done(failed)
  }
}

extension DeliveryRow {
  /// As the partner who gave it back sees it.
  func asFailed(by partner: UserID) -> DeliveryRow {
    var failed = self
    failed.status = .failed
    failed.partnerId = partner
    failed.handOverCode = nil
    failed.dueAt = nil
    return failed
  }

  /// Makes a step of the partner.
  mutating func make(_ step: DeliveryStatus, reason: String?, at: Instant) {
    status = step
    switch step {
    case .arrivedAtRestaurant: arrivedAtRestaurantAt = at
    case .pickedUp: pickedUpAt = at
    case .arrivedAtCustomer: arrivedAtCustomerAt = at
    case .delivered, .failed, .cancelled:
      endedAt = at
      dueAt = nil
      self.reason = reason
    default: break
    }
  }
}
