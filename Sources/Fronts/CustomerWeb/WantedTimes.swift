import CatalogAPI
import Kernel
import ServiceKit

/// The times for which a meal can be ordered ahead: every half hour at which the restaurant is open, up to six days from now.
struct WantedTimes: Sendable {
  let restaurant: Restaurant
  let zone: Zone

  private static let step = 30 * 60_000
  static let span = Duration.seconds(6 * 86_400)

  /// - Parameter restaurant: one whose time zone is known, as all are.
  init(_ restaurant: Restaurant) {
    self.restaurant = restaurant
    zone = Zone.named(restaurant.timeZone) ?? .utc
  }

  /// The times by their days.
  ///
  /// - Parameter minutes: what the food takes at least.
  func byDay(from now: Instant, minutes: Int) -> [(date: LocalDate, times: [Instant])] {
    var days: [(date: LocalDate, times: [Instant])] = []
    let soonest = max(now.milliseconds + minutes * 60_000, restaurant.pausedUntil?.milliseconds ?? 0)
    var at = (soonest + Self.step - 1) / Self.step * Self.step
    let last = now + Self.span
    while at <= last.milliseconds {
      let time = Instant(milliseconds: at)
      at += Self.step
      guard isOpen(at: time) else { continue }
      let date = zone.local(time).date
      if days.last?.date != date { days.append((date, [])) }
      days[days.count - 1].times.append(time)
    }
    return days
  }

  private func isOpen(at time: Instant) -> Bool {
    let local = zone.local(time)
    let minutes = local.millisecondsOfDay / 60_000
    let days = restaurant.openingHours.days
    let today = days[local.date.weekday].contains { $0.opens.minutes <= minutes && ($0.closes <= $0.opens || minutes < $0.closes.minutes) }
    let yesterday = days[(local.date.weekday + 6) % 7].contains { $0.closes <= $0.opens && minutes < $0.closes.minutes }
    return (today || yesterday) && !restaurant.closures.contains { covers($0, time, on: local.date) }
  }

  private func covers(_ closure: ClosurePeriod, _ time: Instant, on date: LocalDate) -> Bool {
    if let first = closure.firstDay, let last = closure.lastDay { return first <= date && date <= last }
    if let start = closure.startsAt, let end = closure.endsAt { return start <= time && time < end }
    return false
  }
}
