import CatalogAPI
import Kernel
import ServiceKit

extension OpeningHours {
  /// Whether the weekly hours cover a moment.
  ///
  /// The wall clock decides: what a jump of the clock skips is not open, and what it repeats is open twice.
  func isOpen(at instant: Instant, zone: Zone) -> Bool { isOpen(at: zone.local(instant)) }

  func isOpen(at local: LocalTime) -> Bool {
    let weekday = local.date.weekday
    let time = local.millisecondsOfDay
    for interval in day(weekday) where time >= interval.opens.minutes * 60_000 {
      if interval.endsNextDay || time < interval.closes.minutes * 60_000 { return true }
    }
    for interval in day(weekday == 0 ? 6 : weekday - 1) where interval.endsNextDay {
      if time < interval.closes.minutes * 60_000 { return true }
    }
    return false
  }

  /// 0 is Monday.
  func day(_ weekday: Int) -> [DailyInterval] {
    switch weekday {
    case 0: monday
    case 1: tuesday
    case 2: wednesday
    case 3: thursday
    case 4: friday
    case 5: saturday
    default: sunday
    }
  }
}

extension DailyInterval {
  var endsNextDay: Bool { closes <= opens }
}

extension ClosurePeriod {
  /// Whether it closes the restaurant at a moment; days are those of the wall's calendar.
  func covers(_ instant: Instant, zone: Zone) -> Bool {
    if let firstDay, let lastDay { return (firstDay...max(firstDay, lastDay)).contains(zone.local(instant).date) }
    if let startsAt, let endsAt { return startsAt <= instant && instant < endsAt }
    return false
  }

  /// The moments at which it may begin or end.
  func bounds(zone: Zone) -> [Instant] {
    if let firstDay, let lastDay {
      return zone.instants(of: LocalTime(firstDay, minutes: 0)) + zone.instants(of: LocalTime(lastDay + 1, minutes: 0))
    }
    return [startsAt, endsAt].compactMap(\.self)
  }
}

/// When a restaurant takes orders: weekly hours, closures, pause and whether it is there at all.
struct Schedule: Hashable, Sendable {
  var hours: OpeningHours
  var closures: [ClosurePeriod]
  var pausedUntil: Instant?
  var isActive: Bool
  var zone: Zone

  /// How far ahead the next change is looked for.
  static let horizonDays = 60

  /// Whether hours and closures have it open, pause or not.
  func isWithinHours(at instant: Instant) -> Bool {
    hours.isOpen(at: instant, zone: zone) && !closures.contains { $0.covers(instant, zone: zone) }
  }

  func isPaused(at instant: Instant) -> Bool { pausedUntil.map { instant < $0 } ?? false }

  func isOpen(at instant: Instant) -> Bool { isActive && !isPaused(at: instant) && isWithinHours(at: instant) }

  /// The first moment after `instant` at which `isOpen` turns; `nil` when none comes within the horizon.
  func nextChange(after instant: Instant) -> Instant? {
    guard isActive else { return nil }
    let now = isOpen(at: instant)
    let end = instant + .seconds(Self.horizonDays * 86_400)
    let rare = closures.flatMap { $0.bounds(zone: zone) } + [pausedUntil].compactMap(\.self)
    let today = zone.local(instant).date
    // A week at a time: mostly the change comes within the first days.
    for week in 0...(Self.horizonDays / 7) {
      let first = today + (week * 7 - 1)
      var candidates = rare
      for offset in 0...8 {
        let date = first + offset
        for interval in hours.day(date.weekday) {
          candidates += zone.instants(of: LocalTime(date, minutes: interval.opens.minutes))
          candidates += zone.instants(of: LocalTime(interval.endsNextDay ? date + 1 : date, minutes: interval.closes.minutes))
        }
      }
      let last = zone.instants(of: LocalTime(first + 8, minutes: 0))[0]
      if let jump = zone.nextTransition(after: instant) { candidates.append(jump) }
      // Beyond `last` a boundary may still be missing, so what lies there is left to the next week.
      let turn = candidates.filter { instant < $0 && $0 <= end && $0 <= last }.sorted().first { isOpen(at: $0) != now }
      if let turn { return turn }
    }
    return nil
  }

  /// The state at a moment, with when it turns.
  func state(at instant: Instant) -> OpenState {
    let isOpen = isOpen(at: instant)
    let change = nextChange(after: instant)
    return OpenState(
      isOpen: isOpen, opensAt: isOpen ? nil : change, closesAt: isOpen ? change : nil, from: instant,
      until: change ?? instant + .seconds(86_400))
  }
}

/// Whether a restaurant takes orders, for as long as that answer holds.
struct OpenState: Hashable, Sendable {
  var isOpen: Bool
  var opensAt: Instant?
  var closesAt: Instant?
  /// The answer is right from here...
  var from: Instant
  /// ...up to here, not included.
  var until: Instant
}
