import DeliveryAPI
import Kernel
import Persistence
import Realtime
import ServiceKit
import Wire

struct RecordPositionsHandler {
  let context: DeliveryContext

  func answer(_ request: RecordPositions) async throws -> PositionsTaken {
    let caller = Caller.current
    let partner: UserID
    if let user = caller.user {
      guard request.partnerId == nil || request.partnerId == user else { throw Denial.forbidden }
      partner = user
    } else {
      guard let named = request.partnerId, caller.has(.system) else { throw Denial.notSignedIn }
      partner = named
    }
    let now = context.time.now
    if let positions = request.positions {
      return try await take(positions, of: partner, now: now)
    }
    guard let latitude = request.latitude, let longitude = request.longitude else {
      throw InvalidInput(
        [request.latitude == nil ? "latitude" : nil, request.longitude == nil ? "longitude" : nil].compactMap { $0 }
          .map { Fault(path: $0, message: "is required where there is no positions") })
    }
    let isNew = try await take(GeoPoint(latitude: latitude, longitude: longitude), at: request.recordedAt ?? now, of: partner, now: now)
    return PositionsTaken(accepted: isNew ? 1 : 0, ignored: isNew ? 0 : 1)
  }

  /// Several at once come from a dead zone: by their times, whatever order they were sent in.
  private func take(_ positions: [Position], of partner: UserID, now: Instant) async throws -> PositionsTaken {
    let times = positions.map { min($0.recordedAt ?? now, now) }
    var taken = PositionsTaken(accepted: 0, ignored: 0)
    for index in positions.indices.sorted(by: { (times[$0], $0) < (times[$1], $1) }) {
      let point = GeoPoint(latitude: positions[index].latitude, longitude: positions[index].longitude)
      if try await take(point, at: times[index], of: partner, now: now) { taken.accepted += 1 } else { taken.ignored += 1 }
    }
    return taken
  }

  private func take(_ point: GeoPoint, at: Instant, of partner: UserID, now: Instant) async throws -> Bool {
    switch context.board.take(partner, point, at: at, now: now) {
    case .accepted: return true
    case .ignored: return false
    case .followed(let journey, let vehicle):
      show(point, at: min(at, now), of: partner, on: journey, vehicle, now: now)
      return true
    case .unknownPartner:
      // Registered with another process since this one started.
      guard let row = try await context.database.read({ try PartnerStore(transaction: $0).find(partner) }) else {
        throw PartnerRefusal.partnerUnknown
      }
      context.board.apply(row, now: now)
      if case .ignored = context.board.take(partner, point, at: at, now: now) { return false }
      return true
    }
  }

  private func show(_ point: GeoPoint, at: Instant, of partner: UserID, on journey: Journey, _ vehicle: VehicleType, now: Instant) {
    guard context.channels.isHeard(journey.channel) else { return }
    let eta = ArrivalEstimate.range(
      .init(
        status: journey.status, now: now, readyAt: journey.readyAt, restaurant: journey.restaurant, customer: journey.customer, courier: point,
        seenAt: at, vehicle: vehicle, typicalApproachSeconds: Double(context.settings.rules.typicalApproachSeconds)))
    let update = LocationUpdate(
      orderId: journey.orderId, deliveryPartnerId: partner, latitude: point.latitude, longitude: point.longitude, recordedAt: at,
      ageSeconds: max(0, (now.milliseconds - at.milliseconds) / 1000), eta: eta)
    context.channels.publish("location_update", to: journey.channel, encoded: encode(update), isKept: false)
  }
}
