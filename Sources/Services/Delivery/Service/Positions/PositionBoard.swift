import DeliveryAPI
import Kernel
import ServiceKit
import Synchronization

/// Where every partner was last seen, and what they are doing: in memory, for intake, search and maps.
///
/// The tables decide what a partner is; what stands here about it follows each commit, and is compared now and then.
final class PositionBoard: Sendable {
  /// A point worth keeping on disk.
  struct Kept: Hashable, Sendable {
    var partner: UserID
    var point: GeoPoint
    var at: Instant
  }

  /// What became of one position.
  enum Taken: Sendable {
    case accepted
    /// Accepted, and those who follow the order shall see it.
    case followed(Journey, VehicleType)
    /// Not newer than the last.
    case ignored
    case unknownPartner
  }

  /// What is known of one partner.
  struct Seen: Sendable {
    var partner: PartnerRow
    var point: GeoPoint?
    var recordedAt = Instant(milliseconds: 0)
    /// When the status was last set: someone who has just come online has a moment to send a position.
    var changedAt: Instant
    var journey: Journey?

    fileprivate var keptPoint: GeoPoint?
    fileprivate var keptAt = Instant(milliseconds: 0)
    fileprivate var followedAt = 0
    fileprivate var isReturning = false
    fileprivate var isNews = false
  }

  private struct Part {
    var index: [UserID: Int] = [:]
    var seen: [Seen] = []
    var kept: [Kept] = []
    var returning: [UserID] = []
    /// Who was seen here since other instances were last told.
    var news: [Int] = []
    /// Who is to be read from the tables, because another instance knows more of them.
    var strangers: [UserID: Kept] = [:]
    var dropped = 0
  }

  /// A lock of its own for each part, so that intake on several cores seldom meets.
  private final class Shard: Sendable { let part = Mutex(Part()) }

  private let shards = (0..<32).map { _ in Shard() }
  private let bell: Bell
  private let staleAfterMilliseconds: Int
  private let keptLimit: Int
  private let followMilliseconds: Int
  private let isShared: Bool

  /// - Parameters:
  ///   - bell: rung for who can be asked now and could not before: by a change of status, or by a position.
  ///   - staleAfterMilliseconds: after which a position no longer tells where somebody is.
  ///   - keptLimit: points waiting for the disk, in each of 32 parts; newer ones are dropped beyond.
  ///   - followMilliseconds: the least time between two frames of one order.
  ///   - isShared: whether other instances are told who was seen here.
  init(bell: Bell, staleAfterMilliseconds: Int, keptLimit: Int = 2048, followMilliseconds: Int = 1000, isShared: Bool = false) {
    self.bell = bell
    self.staleAfterMilliseconds = staleAfterMilliseconds
    self.isShared = isShared
    self.keptLimit = keptLimit
    self.followMilliseconds = followMilliseconds
  }

  private func shard(_ id: UserID) -> Shard { shards[Int(truncatingIfNeeded: id.low & 31)] }

  private func isFree(_ seen: Seen, at now: Instant) -> Bool { seen.partner.status == .available && isFresh(seen, at: now) }

  private func isFresh(_ seen: Seen, at now: Instant) -> Bool {
    seen.point != nil && seen.recordedAt.milliseconds >= now.milliseconds - staleAfterMilliseconds
  }

  /// Whether the search knows of a partner: free, or between two offers.
  private func isAtHand(_ seen: Seen, at now: Instant) -> Bool {
    (seen.partner.status == .available || seen.partner.status == .offered) && isFresh(seen, at: now)
  }

  /// Takes one position.
  ///
  /// - Parameter at: by the device; ahead of now it counts as now.
  func take(_ partner: UserID, _ point: GeoPoint, at: Instant, now: Instant) -> Taken {
    shard(partner).part.withLock { part in
      guard let index = part.index[partner] else { return .unknownPartner }
      let at = min(at, now)
      guard at > part.seen[index].recordedAt else { return .ignored }
      let wasAtHand = isAtHand(part.seen[index], at: now)
      part.seen[index].point = point
      part.seen[index].recordedAt = at
      if !wasAtHand, isFree(part.seen[index], at: now) { bell.ringForPartner() }
      if isShared, !part.seen[index].isNews {
        part.seen[index].isNews = true
        part.news.append(index)
      }
      if PositionThinning.keeps(point, at: at, after: part.seen[index].keptPoint.map { ($0, part.seen[index].keptAt) }) {
        part.seen[index].keptPoint = point
        part.seen[index].keptAt = at
        if part.kept.count < keptLimit { part.kept.append(Kept(partner: partner, point: point, at: at)) } else { part.dropped += 1 }
      }
      if part.seen[index].partner.status == .offline, part.seen[index].partner.isOnline, !part.seen[index].isReturning {
        part.seen[index].isReturning = true
        part.returning.append(partner)
      }
      if let journey = part.seen[index].journey, now.milliseconds - part.seen[index].followedAt >= followMilliseconds {
        part.seen[index].followedAt = now.milliseconds
        return .followed(journey, part.seen[index].partner.vehicle)
      }
      return .accepted
    }
  }

  /// Follows a committed change of a partner; an older one than is known changes nothing.
  func apply(_ row: PartnerRow, now: Instant) {
    shard(row.id).part.withLock { part in
      guard let index = part.index[row.id] else {
        part.index[row.id] = part.seen.count
        part.seen.append(Seen(partner: row, changedAt: now))
        return
      }
      guard row.version >= part.seen[index].partner.version else { return }
      let wasAtHand = isAtHand(part.seen[index], at: now)
      if row.status != part.seen[index].partner.status {
        part.seen[index].changedAt = now
        if isShared, part.seen[index].point != nil, !part.seen[index].isNews {
          part.seen[index].isNews = true
          part.news.append(index)
        }
      }
      part.seen[index].partner = row
      if !wasAtHand, isFree(part.seen[index], at: now) { bell.ringForPartner() }
      part.seen[index].isReturning = false
      if row.status != .busy { part.seen[index].journey = nil }
    }
  }

  /// Follows a committed change of a running delivery.
  func follow(_ delivery: DeliveryRow) {
    guard let partner = delivery.partnerId else { return }
    let journey = Journey(delivery)
    shard(partner).part.withLock { part in
      guard let index = part.index[partner], part.seen[index].partner.status == .busy else { return }
      part.seen[index].journey = journey
    }
  }

  /// Takes what another instance has seen, which keeps it on disk and tells of it.
  ///
  /// - Parameter status: what the partner is doing there; empty where that is not told.
  func takeShared(_ partner: UserID, _ point: GeoPoint, at: Instant, status: String, now: Instant) {
    shard(partner).part.withLock { part in
      let seen = Kept(partner: partner, point: point, at: min(at, now))
      guard let index = part.index[partner] else { part.strangers[partner] = seen; return }
      // The tables know which of the two is right.
      if !status.isEmpty, part.seen[index].partner.status.rawValue != status { part.strangers[partner] = seen }
      guard seen.at > part.seen[index].recordedAt else { return }
      let wasAtHand = isAtHand(part.seen[index], at: now)
      part.seen[index].point = point
      part.seen[index].recordedAt = seen.at
      if !wasAtHand, isFree(part.seen[index], at: now) { bell.ringForPartner() }
    }
  }

  /// Where those were seen whom another instance knows, or knows otherwise than this one; each is told once.
  func takeStrangers() -> [Kept] {
    shards.flatMap { shard -> [Kept] in
      shard.part.withLock { part -> [Kept] in
        defer { part.strangers.removeAll(keepingCapacity: true) }
        return part.strangers.values.sorted { $0.partner.description < $1.partner.description }
      }
    }
  }

  /// Who was seen here since the last call; each is told once.
  func takeNews() -> [Seen] {
    shards.flatMap { shard -> [Seen] in
      shard.part.withLock { part -> [Seen] in
        guard !part.news.isEmpty else { return [] }
        let news = part.news.map { part.seen[$0] }
        for index in part.news { part.seen[index].isNews = false }
        part.news.removeAll(keepingCapacity: true)
        return news
      }
    }
  }

  /// Puts back a position that was on disk.
  func restore(_ kept: Kept) {
    shard(kept.partner).part.withLock { part in
      guard let index = part.index[kept.partner], kept.at > part.seen[index].recordedAt else { return }
      part.seen[index].point = kept.point
      part.seen[index].recordedAt = kept.at
      part.seen[index].keptPoint = kept.point
      part.seen[index].keptAt = kept.at
    }
  }

  func seen(_ partner: UserID) -> Seen? {
    shard(partner).part.withLock { part in part.index[partner].map { part.seen[$0] } }
  }

  /// Who is available with a position that is not stale.
  func free(now: Instant) -> [FreePartner] {
    gather { seen in
      guard isFree(seen, at: now), let point = seen.point else { return nil }
      return FreePartner(id: seen.partner.id, point: point, record: seen.partner.record)
    }
  }

  /// Those of whom `free` tells, with where they are and how far that is from a point, the nearest first.
  func nearest(_ point: GeoPoint, limit: Int, now: Instant) -> [(seen: Seen, place: GeoPoint, meters: Double)] {
    let found = gather { seen -> (seen: Seen, place: GeoPoint, meters: Double)? in
      guard isFree(seen, at: now), let place = seen.point else { return nil }
      return (seen, place, place.distanceMeters(to: point))
    }
    let sorted = found.sorted { ($0.meters, $0.seen.partner.id.description) < ($1.meters, $1.seen.partner.id.description) }
    return Array(sorted.prefix(limit))
  }

  /// Who is available and was silent for too long.
  func silent(now: Instant) -> [UserID] {
    let limit = now.milliseconds - staleAfterMilliseconds
    return gather { seen in
      seen.partner.status == .available && max(seen.recordedAt, seen.changedAt).milliseconds < limit ? seen.partner.id : nil
    }
  }

  /// Every partner who is not offline.
  func online() -> [Seen] { gather { $0.partner.status == .offline ? nil : $0 } }

  /// Who was offline for silence and has sent a position since; each is told once.
  func takeReturning() -> [UserID] {
    shards.flatMap { shard -> [UserID] in
      shard.part.withLock { part -> [UserID] in
        guard !part.returning.isEmpty else { return [] }
        let returning = part.returning
        part.returning = []
        return returning
      }
    }
  }

  /// They could not be brought back now; their next position tells of them again.
  func putReturningBack(_ partners: [UserID]) {
    for partner in partners {
      shard(partner).part.withLock { part in
        if let index = part.index[partner] { part.seen[index].isReturning = false }
      }
    }
  }

  /// The points that wait for the disk; they wait no longer.
  func takeKept() -> [Kept] {
    shards.flatMap { shard -> [Kept] in
      shard.part.withLock { part -> [Kept] in
        guard !part.kept.isEmpty else { return [] }
        let kept = part.kept
        part.kept.removeAll(keepingCapacity: true)
        return kept
      }
    }
  }

  /// How many points found the queue full.
  var dropped: Int { shards.reduce(0) { $0 + $1.part.withLock { $0.dropped } } }

  private func gather<Value: Sendable>(_ choose: @Sendable (Seen) -> Value?) -> [Value] {
    shards.flatMap { shard in shard.part.withLock { $0.seen.compactMap(choose) } }
  }
}
