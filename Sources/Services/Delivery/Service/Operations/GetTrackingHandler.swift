import CatalogAPI
import DeliveryAPI
import Kernel
import OrderingAPI
import Persistence
import ServiceKit

struct GetTrackingHandler {
  let context: DeliveryContext

  /// From when on the time that was ordered for says more than an estimate.
  private static let farAhead = Duration.seconds(90 * 60)

  func answer(_ request: GetTracking) async throws -> Tracking {
    let caller = Caller.current
    let found = try await context.database.read { transaction -> (HeardOrder, DeliveryRow?)? in
      guard let order = try OrderProjection(transaction: transaction).find(request.orderId) else { return nil }
      return (order, order.notice.fulfilment == .delivery ? try DeliveryStore(transaction: transaction).find(of: request.orderId) : nil)
    }
    guard let (order, delivery) = found else { throw GetTrackingRefusal.orderUnknown }
    let isCustomer = caller.user == order.notice.customerId
    let isCourier = caller.user != nil && caller.user == delivery?.partnerId
    guard isCustomer || isCourier || caller.actsFor(order.notice.tenantId) else { throw GetTrackingRefusal.orderUnknown }
    return tracking(order, delivery, isCustomer: isCustomer, now: context.time.now)
  }

  private func tracking(_ order: HeardOrder, _ delivery: DeliveryRow?, isCustomer: Bool, now: Instant) -> Tracking {
    let notice = order.notice
    let running = delivery.flatMap { $0.isRunning ? $0 : nil }
    // Who brings it and where they are is told only while they do.
    let seen = running?.partnerId.flatMap(context.board.seen)
    var steps = order.steps
    if let delivery {
      steps += delivery.steps.filter { $0.status != DeliveryStatus.searching.rawValue && $0.status != DeliveryStatus.delivered.rawValue }
    }
    steps = steps.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    return Tracking(
      orderId: notice.orderId, status: notice.status, fulfilment: notice.fulfilment, restaurantName: notice.restaurantName,
      restaurantPoint: notice.restaurantPoint, customerPoint: notice.deliveryAddress?.point, deliveryId: delivery?.id,
      deliveryStatus: delivery?.status, steps: steps, courier: seen.map { courier($0, now: now) }, readyAt: delivery?.readyAt ?? notice.readyAt,
      estimatedDeliveryTime: notice.estimatedDeliveryTime, eta: eta(order, delivery, seen, now: now),
      handOverCode: isCustomer ? running?.handOverCode : nil, deliveryRating: isCustomer ? delivery?.stars : nil, placedAt: notice.placedAt)
  }

  private func courier(_ seen: PositionBoard.Seen, now: Instant) -> Courier {
    Courier(
      partnerId: seen.partner.id, name: seen.partner.name, vehicleType: seen.partner.vehicle,
      position: seen.point.map {
        SeenPosition(
          latitude: $0.latitude, longitude: $0.longitude, recordedAt: seen.recordedAt,
          ageSeconds: max(0, (now.milliseconds - seen.recordedAt.milliseconds) / 1000))
      })
  }

  private func eta(_ order: HeardOrder, _ delivery: DeliveryRow?, _ seen: PositionBoard.Seen?, now: Instant) -> ExpectedTimes? {
    let notice = order.notice
    guard let address = notice.deliveryAddress, notice.fulfilment == .delivery, !order.hasEndedEarly, notice.status != .delivered,
      delivery?.hasEnded != true
    else { return nil }
    // What is wanted that much later is not told by how long a courier would take now.
    if seen == nil, let expected = notice.estimatedDeliveryTime, expected > now + Self.farAhead { return nil }
    let way = TravelTime.seconds(from: notice.restaurantPoint, to: address.point, by: .bicycle)
    let promised = notice.estimatedDeliveryTime.map { $0 - .seconds(Int(way)) }
    return ArrivalEstimate.range(
      .init(
        status: delivery?.status ?? .searching, now: now, readyAt: delivery?.readyAt ?? notice.readyAt ?? promised,
        restaurant: notice.restaurantPoint, customer: address.point, courier: seen?.point, seenAt: seen?.recordedAt,
        vehicle: seen?.partner.vehicle ?? .bicycle, typicalApproachSeconds: Double(context.settings.rules.typicalApproachSeconds)))
  }
}
