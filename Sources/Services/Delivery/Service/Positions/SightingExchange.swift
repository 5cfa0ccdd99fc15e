import Caching
import DeliveryAPI
import IdentityAPI
import Kernel
import Persistence
import ServiceKit

/// Tells other instances of Delivery where partners were seen here, many at once, and takes what they tell.
struct SightingExchange: Sendable {
  let context: DeliveryContext

  /// Told in batches, never on the way of a position.
  func tell() {
    guard let places = context.places else { return }
    let news = context.board.takeNews()
    guard !news.isEmpty else { return }
    places.put(
      news.compactMap { seen in
        seen.point.map { Sighting(member: seen.partner.id.description, point: $0, at: seen.recordedAt, status: seen.partner.status.rawValue) }
      })
  }

  /// Reads those of whom other instances know more than this one.
  func meet() async throws {
    let strangers = context.board.takeStrangers()
    guard !strangers.isEmpty else { return }
    let rows = try await context.database.read { try PartnerStore(transaction: $0).find(strangers.map(\.partner)) }
    let now = context.time.now
    for row in rows { context.board.apply(row, now: now) }
    // Who is in no table is nobody.
    let found = Set(rows.map(\.id))
    for seen in strangers where found.contains(seen.partner) {
      context.board.takeShared(seen.partner, seen.point, at: seen.at, status: "", now: now)
    }
  }

  static func take(_ places: [Sighting], _ board: PositionBoard, now: Instant) {
    for place in places {
      guard let partner = UserID(place.member) else { continue }
      board.takeShared(partner, place.point, at: place.at, status: place.status, now: now)
    }
  }
}
