import CatalogAPI
import GatewayAPI
import Kernel
import OrderingAPI
import ServiceKit

/// Counts the city's orders as they move; told twice of one move, it counts it once.
struct CityTally: Sendable {
  private static let minutes = 30
  private static let kept = 30
  /// More open orders than this are not followed one by one; a guard against events whose end never comes.
  private static let mostOpen = 100_000

  private struct MinuteCount: Sendable {
    var minute: Int
    var placed = 0
    var served = 0
    var prepared = 0
    var preparationMinutes = 0.0
  }

  /// Where an open order stands, and since when the restaurant has known that it comes.
  private struct Standing: Sendable {
    var status: OrderStatus
    var confirmedAt: Instant?
  }

  private let startedAt: Instant
  private var open: [OrderID: Standing] = [:]
  private var day = 0
  private var placedToday = 0
  private var servedToday = 0
  private var endedToday = 0
  private var byMinute: [MinuteCount] = []
  private var latest: [CityMoment] = []
  private var doorMinutes: [Double] = []
  private var preparationMinutes: [Double] = []

  init(startedAt: Instant) {
    self.startedAt = startedAt
    day = Self.day(of: startedAt)
  }

  mutating func note(
    orderID: OrderID, status: OrderStatus, restaurantName: String, fulfilment: Fulfilment, placedAt: Instant, at now: Instant
  ) {
    guard open[orderID]?.status != status else { return }
    startDay(at: now)
    let isKnown = open[orderID] != nil
    switch status {
    case .delivered, .completed:
      guard isKnown else { return }
      servedToday += 1
      count(at: now) { $0.served += 1 }
      Self.keep(now.since(placedAt).seconds / 60, in: &doorMinutes)
      open[orderID] = nil
    case .rejected, .cancelled:
      guard isKnown else { return }
      endedToday += 1
      open[orderID] = nil
    case .pending:
      guard !isKnown, open.count < Self.mostOpen else { return }
      placedToday += 1
      count(at: now) { $0.placed += 1 }
      open[orderID] = Standing(status: status)
    case .confirmed, .preparing, .readyForPickup, .outForDelivery:
      // Repeated events come late; an order only moves forward.
      let before = open[orderID]
      if let before, Self.rank(before.status) >= Self.rank(status) { return }
      guard open.count < Self.mostOpen else { return }
      open[orderID] = Standing(status: status, confirmedAt: status == .confirmed ? now : before?.confirmedAt)
      if status == .readyForPickup, let since = before?.confirmedAt { prepared(in: now.since(since).seconds / 60, at: now) }
    }
    latest.insert(CityMoment(at: now, status: status.rawValue, restaurantName: restaurantName, fulfilment: fulfilment.rawValue), at: 0)
    if latest.count > Self.kept { latest.removeLast() }
  }

  func pulse(at now: Instant) -> CityPulse {
    var counts: [OrderStatus: Int] = [:]
    for standing in open.values { counts[standing.status, default: 0] += 1 }
    let minute = Self.minute(of: now)
    let window = (minute - Self.minutes + 1...minute).map { wanted in byMinute.first { $0.minute == wanted } }
    let isSameDay = Self.day(of: now) == day
    return CityPulse(
      at: now, since: startedAt,
      open: Self.openStatuses.map { StatusCount(status: $0.rawValue, count: counts[$0] ?? 0) },
      placedToday: isSameDay ? placedToday : 0, servedToday: isSameDay ? servedToday : 0, endedToday: isSameDay ? endedToday : 0,
      doorMinutes: Self.mean(doorMinutes.reduce(0, +), doorMinutes.count),
      preparationMinutes: Self.mean(preparationMinutes.reduce(0, +), preparationMinutes.count),
      placedByMinute: window.map { $0?.placed ?? 0 }, servedByMinute: window.map { $0?.served ?? 0 },
      preparationByMinute: window.map { $0.flatMap { Self.mean($0.preparationMinutes, $0.prepared) } }, latest: latest)
  }

  private mutating func prepared(in minutes: Double, at now: Instant) {
    Self.keep(minutes, in: &preparationMinutes)
    count(at: now) {
      $0.prepared += 1
      $0.preparationMinutes += minutes
    }
  }

  /// Of the latest fifty.
  private static func keep(_ minutes: Double, in latest: inout [Double]) {
    latest.append(minutes)
    if latest.count > 50 { latest.removeFirst() }
  }

  /// To the tenth; nothing of none.
  private static func mean(_ sum: Double, _ count: Int) -> Double? { count == 0 ? nil : (sum / Double(count) * 10).rounded() / 10 }

  private static let openStatuses: [OrderStatus] = [.pending, .confirmed, .preparing, .readyForPickup, .outForDelivery]
  private static func rank(_ status: OrderStatus) -> Int { openStatuses.firstIndex(of: status) ?? openStatuses.count }
  private static func minute(of instant: Instant) -> Int { instant.milliseconds / 60_000 }
  private static func day(of instant: Instant) -> Int { instant.milliseconds / 86_400_000 }

  private mutating func startDay(at now: Instant) {
    let today = Self.day(of: now)
    guard today > day else { return }
    day = today
    (placedToday, servedToday, endedToday) = (0, 0, 0)
  }

  private mutating func count(at now: Instant, _ change: (inout MinuteCount) -> Void) {
    let minute = Self.minute(of: now)
    if let index = byMinute.firstIndex(where: { $0.minute == minute }) {
      change(&byMinute[index])
    } else {
      var fresh = MinuteCount(minute: minute)
      change(&fresh)
      byMinute.append(fresh)
      byMinute.removeAll { $0.minute <= minute - Self.minutes }
    }
  }
}
