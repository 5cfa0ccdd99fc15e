import Caching
import CatalogAPI
import Kernel
import Persistence
import ServiceKit
import Wire

/// Lists restaurants around a point by distance, or all by name.
struct ListRestaurantsHandler: Sendable {
  let context: CatalogContext

  /// How many restaurants of a box, or of a stretch of names, are looked at for one page.
  static let mostCandidates = 2000

  private struct Listed {
    var page: Page<RestaurantSummary>
    /// When the first open state that was looked at turns.
    var turnsAt: Instant?
  }

  func callAsFunction(_ request: ListRestaurants) async throws -> Encoded<Page<RestaurantSummary>> {
    guard (request.latitude == nil) == (request.longitude == nil) else {
      throw InvalidInput([Fault(path: request.latitude == nil ? "latitude" : "longitude", message: "is required beside the other")])
    }
    var request = request
    // However a search is written, it is one place in memory.
    (request.search, request.query, request.q) = (SearchWords(request.search ?? request.query ?? request.q)?.text, nil, nil)
    return try await list(request)
  }

  private func list(_ request: ListRestaurants) async throws -> Encoded<Page<RestaurantSummary>> {
    if let kept = context.warm.lists.cached(request) {
      if kept.turnsAt.map({ context.time.now < $0 }) ?? true { return kept.page }
      context.warm.lists.invalidate(request)
    }
    return try await context.warm.lists.value(for: request) { try await load(request) }.page
  }

  private func load(_ request: ListRestaurants) async throws -> WarmCatalog.List {
    let now = context.time.now
    let cursor = try request.cursor.map { text in
      guard let id = RestaurantID(text) else { throw Self.unknownCursor }
      return id
    }
    let listed: Listed
    if let latitude = request.latitude, let longitude = request.longitude {
      listed = try await near(GeoPoint(latitude: latitude, longitude: longitude), request, after: cursor, at: now)
    } else {
      listed = try await byName(request, after: cursor, at: now)
    }
    return WarmCatalog.List(page: Encoded(listed.page), turnsAt: listed.turnsAt)
  }

  private func near(_ point: GeoPoint, _ request: ListRestaurants, after cursor: RestaurantID?, at now: Instant) async throws -> Listed {
    let radius = Double(request.radiusMeters)
    let box = SearchBox(around: point, radiusMeters: radius)
    let (records, last) = try await context.database.readStale { transaction -> ([RestaurantRecord], RestaurantRecord?) in
      let store = RestaurantStore(transaction)
      let last = try cursor.map { id -> RestaurantRecord in
        guard let record = try store.find(id) else { throw Self.unknownCursor }
        return record
      }
      let found = try store.within(
        box, cuisine: request.cuisine?.lowercased(), search: SearchWords(request.search), limit: Self.mostCandidates)
      return (found, last)
    }
    let from = last.map { ($0.details.point.distanceMeters(to: point), $0.id.description) }
    let found = records.map { (distance: $0.details.point.distanceMeters(to: point), record: $0) }
      .filter { candidate in
        candidate.distance <= radius && (from.map { $0 < (candidate.distance, candidate.record.id.description) } ?? true)
      }
      .sorted { ($0.distance, $0.record.id.description) < ($1.distance, $1.record.id.description) }
    return page(found.map { ($0.record, Int($0.distance.rounded())) }, request, at: now, isCut: false)
  }

  private func byName(_ request: ListRestaurants, after cursor: RestaurantID?, at now: Instant) async throws -> Listed {
    // Whether a restaurant is open cannot be asked of the database, so more are read then.
    let limit = request.openNow == true ? Self.mostCandidates : request.limit + 1
    let records = try await context.database.readStale { transaction in
      try RestaurantStore(transaction).byName(
        tenant: nil, listedOnly: true, cuisine: request.cuisine?.lowercased(), search: SearchWords(request.search), after: cursor, limit: limit)
    }
    return page(records.map { ($0, nil) }, request, at: now, isCut: records.count == limit)
  }

  /// - Parameter isCut: whether there may be more candidates than these.
  private func page(_ candidates: [(record: RestaurantRecord, distance: Int?)], _ request: ListRestaurants, at now: Instant, isCut: Bool) -> Listed {
    var items: [RestaurantSummary] = []
    var turnsAt: Instant?
    for (record, distance) in candidates {
      let state = state(of: record, at: now)
      let isWanted = request.openNow.map { $0 == state.isOpen } ?? true
      if isWanted, items.count == request.limit {
        return Listed(page: Page(items: items, nextCursor: items.last?.id.description), turnsAt: turnsAt)
      }
      turnsAt = min(turnsAt ?? state.until, state.until)
      if isWanted { items.append(record.summary(state, distanceMeters: distance)) }
    }
    return Listed(page: Page(items: items, nextCursor: isCut ? candidates.last?.record.id.description : nil), turnsAt: turnsAt)
  }

  /// The open state, from memory where the same version is there: finding the next change is most of the work of a list.
  private func state(of record: RestaurantRecord, at now: Instant) -> OpenState {
    if let kept = context.warm.restaurants.cached(record.id), kept.record.version == record.version { return kept.state(at: now) }
    return record.schedule.state(at: now)
  }

  private static let unknownCursor = InvalidInput([Fault(path: "cursor", message: "is not one of this list")])
}
