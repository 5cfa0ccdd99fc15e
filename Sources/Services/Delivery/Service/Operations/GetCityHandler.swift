import DeliveryAPI
import Kernel
import Persistence
import ServiceKit
import Synchronization

/// Shows the city from memory and one bounded query, at most once a second however many look.
final class GetCityHandler: Sendable {
  private let context: DeliveryContext
  private let last = Mutex<(at: Instant, city: Encoded<City>)?>(nil)

  private static let limit = 2000
  private static let keepMilliseconds = 1000

  init(context: DeliveryContext) { self.context = context }

  func answer(_ request: GetCity) async throws -> Encoded<City> {
    let caller = Caller.current
    guard context.settings.isCityPublic || caller.has(.system) || caller.hasAny(of: Role.administrators) else {
      throw caller.user == nil ? Denial.notSignedIn : Denial.forbidden
    }
    let now = context.time.now
    if let last = last.withLock({ $0 }), now.milliseconds - last.at.milliseconds < Self.keepMilliseconds { return last.city }
    let open = try await context.database.read { try DeliveryStore(transaction: $0).open(limit: Self.limit) }
    let city = Encoded(picture(open, now: now))
    last.withLock { $0 = (now, city) }
    return city
  }

  private func picture(_ open: [DeliveryRow], now: Instant) -> City {
    let online = context.board.online()
    func count(_ status: PartnerStatus) -> Int { online.count { $0.partner.status == status } }
    return City(
      at: now, available: count(.available), offered: count(.offered), busy: count(.busy),
      waiting: open.count { $0.status == .searching || $0.status == .offered }, unassigned: open.count { $0.status == .unassigned },
      running: open.count(where: \.isRunning),
      partners: online.lazy.compactMap { seen in
        // A hundredth of a second of arc would tell the door where somebody lives; four digits, eleven metres, are enough for a map.
        seen.point.map {
          CityPartner(
            latitude: ($0.latitude * 1e4).rounded() / 1e4, longitude: ($0.longitude * 1e4).rounded() / 1e4, status: seen.partner.status,
            vehicleType: seen.partner.vehicle)
        }
      }.prefix(Self.limit).map(\.self),
      deliveries: open.map {
        CityDelivery(orderId: $0.orderId, status: $0.status, restaurant: $0.restaurantPoint, customer: coarse($0.customerPoint))
      })
  }

  /// About a hundred metres: the live map is public, addresses are not.
  private func coarse(_ point: GeoPoint) -> GeoPoint {
    GeoPoint(latitude: (point.latitude * 1e3).rounded() / 1e3, longitude: (point.longitude * 1e3).rounded() / 1e3)
  }
}
