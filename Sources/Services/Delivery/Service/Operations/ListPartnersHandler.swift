import DeliveryAPI
import Kernel
import ServiceKit

/// Shows who is free around a point, from the board that the search goes by.
struct ListPartnersHandler {
  let context: DeliveryContext

  func answer(_ request: ListPartners) async throws -> Page<NearbyPartner> {
    let caller = Caller.current
    let isForOperators = caller.has(.system) || caller.hasAny(of: Role.administrators)
    let now = context.time.now
    let point = GeoPoint(latitude: request.latitude, longitude: request.longitude)
    let free = context.board.nearest(point, limit: request.limit, now: now)
    return Page(
      items: free.map { seen, place, meters in
        let view = seen.partner.view
        return NearbyPartner(
          id: view.id, name: view.name, vehicleType: view.vehicleType, status: view.status, distanceMeters: Int(meters.rounded()),
          ageSeconds: max(0, (now.milliseconds - seen.recordedAt.milliseconds) / 1000), point: isForOperators ? place.coarse : nil,
          rating: view.rating)
      })
  }
}

extension GeoPoint {
  /// Four digits, about eleven metres: enough for a map, and no door.
  var coarse: GeoPoint { GeoPoint(latitude: (latitude * 1e4).rounded() / 1e4, longitude: (longitude * 1e4).rounded() / 1e4) }
}
