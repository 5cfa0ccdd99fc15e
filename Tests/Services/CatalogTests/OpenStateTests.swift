import CatalogAPI
import Kernel
import ServiceKit
import TestKit
import Testing

@testable import Catalog

/// One row of the table: whether hours of every day are open at a moment.
struct OpenRow: Sendable, CustomTestStringConvertible {
  var zone: String
  var hours: String
  var at: String
  var isOpen: Bool
  var why: String

  init(_ zone: String, _ hours: String, _ at: String, _ isOpen: Bool, _ why: String) {
    (self.zone, self.hours, self.at, self.isOpen, self.why) = (zone, hours, at, isOpen, why)
  }

  var testDescription: String { "\(zone) \(hours) at \(at): \(why)" }
}

private let newYork = "America/New_York"
private let berlin = "Europe/Berlin"
private let howe = "Australia/Lord_Howe"

@Suite struct OpenStateTests {
  @Test(arguments: [
    OpenRow(newYork, "09:00-17:00", "2026-06-01T12:59:00Z", false, "08:59"),
    OpenRow(newYork, "09:00-17:00", "2026-06-01T13:00:00Z", true, "opening is open"),
    OpenRow(newYork, "09:00-17:00", "2026-06-01T20:59:59Z", true, "the last second"),
    OpenRow(newYork, "09:00-17:00", "2026-06-01T21:00:00Z", false, "closing is closed"),
    OpenRow(berlin, "22:00-02:00", "2026-06-01T23:59:00Z", true, "01:59, over midnight"),
    OpenRow(berlin, "22:00-02:00", "2026-06-02T00:00:00Z", false, "02:00"),
    OpenRow(berlin, "00:00-24:00", "2026-06-01T22:00:00Z", true, "midnight of a whole day"),
    OpenRow(berlin, "10:00-10:00", "2026-06-01T03:00:00Z", true, "round the clock"),
    OpenRow(berlin, "18:00-00:00", "2026-06-01T21:59:00Z", true, "up to midnight"),
    OpenRow(berlin, "18:00-00:00", "2026-06-01T22:00:00Z", false, "midnight"),
    // New York springs from 02:00 to 03:00 on 8 March and falls back from 02:00 to 01:00 on 1 November.
    OpenRow(newYork, "01:00-02:30", "2026-03-08T06:59:00Z", true, "01:59 before the jump"),
    OpenRow(newYork, "01:00-02:30", "2026-03-08T07:00:00Z", false, "the jump skips the end"),
    OpenRow(newYork, "02:30-04:00", "2026-03-08T07:00:00Z", true, "the jump skips the beginning"),
    OpenRow(newYork, "02:15-02:45", "2026-03-08T06:59:59Z", false, "the jump skips all, before"),
    OpenRow(newYork, "02:15-02:45", "2026-03-08T07:00:00Z", false, "the jump skips all, after"),
    OpenRow(newYork, "01:00-01:30", "2026-11-01T05:00:00Z", true, "01:00 the first time"),
    OpenRow(newYork, "01:00-01:30", "2026-11-01T05:30:00Z", false, "01:30 the first time"),
    OpenRow(newYork, "01:00-01:30", "2026-11-01T06:00:00Z", true, "01:00 again"),
    OpenRow(newYork, "01:00-01:30", "2026-11-01T06:30:00Z", false, "01:30 again"),
    OpenRow(newYork, "22:00-01:30", "2026-11-01T06:15:00Z", true, "over midnight, repeated"),
    // Berlin springs from 02:00 to 03:00 on 29 March and falls back from 03:00 to 02:00 on 25 October.
    OpenRow(berlin, "22:00-03:00", "2026-03-29T00:59:00Z", true, "01:59"),
    OpenRow(berlin, "22:00-03:00", "2026-03-29T01:00:00Z", false, "03:00 at once"),
    OpenRow(berlin, "02:00-02:30", "2026-10-25T00:00:00Z", true, "02:00 the first time"),
    OpenRow(berlin, "02:00-02:30", "2026-10-25T00:30:00Z", false, "02:30 the first time"),
    OpenRow(berlin, "02:00-02:30", "2026-10-25T01:15:00Z", true, "02:15 again"),
    // Lord Howe moves by half an hour: back from 02:00 to 01:30 on 5 April, on from 02:00 to 02:30 on 4 October.
    OpenRow(howe, "01:30-01:45", "2026-04-04T14:30:00Z", true, "01:30 the first time"),
    OpenRow(howe, "01:30-01:45", "2026-04-04T14:45:00Z", false, "01:45 the first time"),
    OpenRow(howe, "01:30-01:45", "2026-04-04T15:00:00Z", true, "01:30 again"),
    OpenRow(howe, "01:30-01:45", "2026-04-04T15:15:00Z", false, "01:45 again"),
    OpenRow(howe, "02:00-02:20", "2026-10-03T15:30:00Z", false, "skipped"),
    OpenRow(howe, "02:20-03:00", "2026-10-03T15:30:00Z", true, "02:30 at once")
  ])
  func theWallClockDecides(_ row: OpenRow) throws {
    let zone = try #require(Zone.named(row.zone))
    #expect(OpeningHours.daily([interval(row.hours)]).isOpen(at: instant(row.at), zone: zone) == row.isOpen)
  }

  @Test func aDayHasItsOwnHours() throws {
    var hours = OpeningHours()
    hours.saturday = [interval("11:00-14:00"), interval("18:00-02:00")]
    let zone = try #require(Zone.named(berlin))
    // 6 June 2026 is a Saturday.
    for (at, isOpen) in [
      ("2026-06-05T23:00:00Z", false), ("2026-06-06T09:00:00Z", true), ("2026-06-06T12:00:00Z", false), ("2026-06-06T16:00:00Z", true),
      ("2026-06-06T23:59:00Z", true), ("2026-06-07T00:00:00Z", false), ("2026-06-07T10:00:00Z", false)
    ] { #expect(hours.isOpen(at: instant(at), zone: zone) == isOpen, "\(at)") }
  }

  @Test func closuresAreLocalDaysOrMoments() throws {
    let zone = try #require(Zone.named(newYork))
    var schedule = Schedule(hours: .daily([interval("00:00-24:00")]), closures: [], pausedUntil: nil, isActive: true, zone: zone)
    schedule.closures = [ClosurePeriod(firstDay: LocalDate(2026, 12, 24), lastDay: LocalDate(2026, 12, 25))]
    for (at, isOpen) in [
      ("2026-12-24T04:59:59Z", true), ("2026-12-24T05:00:00Z", false), ("2026-12-26T04:59:59Z", false), ("2026-12-26T05:00:00Z", true)
    ] { #expect(schedule.isOpen(at: instant(at)) == isOpen, "\(at)") }
    #expect(schedule.state(at: instant("2026-12-25T00:00:00Z")).opensAt == instant("2026-12-26T05:00:00Z"))
    schedule.closures = [ClosurePeriod(startsAt: instant("2026-05-01T10:00:00Z"), endsAt: instant("2026-05-01T11:30:00Z"))]
    #expect(schedule.state(at: instant("2026-05-01T09:00:00Z")).closesAt == instant("2026-05-01T10:00:00Z"))
    #expect(schedule.state(at: instant("2026-05-01T10:00:00Z")).opensAt == instant("2026-05-01T11:30:00Z"))
  }

  @Test func aPauseClosesUntilItEnds() throws {
    let zone = try #require(Zone.named(berlin))
    var schedule = Schedule(
      hours: .daily([interval("10:00-20:00")]), closures: [], pausedUntil: instant("2026-06-01T10:00:00Z"), isActive: true, zone: zone)
    let state = schedule.state(at: instant("2026-06-01T09:00:00Z"))
    #expect(!state.isOpen)
    #expect(state.opensAt == instant("2026-06-01T10:00:00Z"))
    #expect(schedule.isOpen(at: instant("2026-06-01T10:00:00Z")))
    schedule.isActive = false
    #expect(!schedule.isOpen(at: instant("2026-06-01T10:00:00Z")))
    #expect(schedule.nextChange(after: instant("2026-06-01T10:00:00Z")) == nil)
  }

  @Test func neverAndAlwaysOpenHaveNoChange() {
    let always = Schedule(hours: .daily([interval("00:00-24:00")]), closures: [], pausedUntil: nil, isActive: true, zone: .utc)
    #expect(always.nextChange(after: instant("2026-06-01T10:00:00Z")) == nil)
    let never = Schedule(hours: OpeningHours(), closures: [], pausedUntil: nil, isActive: true, zone: .utc)
    #expect(never.nextChange(after: instant("2026-06-01T10:00:00Z")) == nil)
  }

  /// The next change against a walk minute by minute, around the changes of the clock and elsewhere.
  @Test(arguments: [
    (newYork, "2026-03-06T12:00:00Z"), (newYork, "2026-10-30T12:00:00Z"), (berlin, "2026-03-27T12:00:00Z"), (berlin, "2026-10-23T12:00:00Z"),
    (howe, "2026-04-03T00:00:00Z"), (howe, "2026-10-02T00:00:00Z"), (berlin, "2026-07-01T00:00:00Z")
  ])
  func theNextChangeIsTheFirstThatAWalkFinds(_ name: String, _ start: String) throws {
    let zone = try #require(Zone.named(name))
    var generator = SeededGenerator(start.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
    for round in 0..<40 {
      func minutes() -> Int { Int.random(in: 0..<288, using: &generator) * 5 }
      func day() -> [DailyInterval] {
        (0..<Int.random(in: 0...2, using: &generator)).map { _ in
          DailyInterval(opens: TimeOfDay(minutes: minutes()), closes: TimeOfDay(minutes: minutes()))
        }
      }
      let hours = OpeningHours(
        monday: day(), tuesday: day(), wednesday: day(), thursday: day(), friday: day(), saturday: day(), sunday: day())
      let from = Instant(milliseconds: instant(start).milliseconds + Int.random(in: 0...2880, using: &generator) * 60_000)
      let closure = ClosurePeriod(startsAt: from + .seconds(3600 * 5), endsAt: from + .seconds(3600 * 9))
      let schedule = Schedule(
        hours: hours, closures: round % 3 == 0 ? [closure] : [], pausedUntil: round % 5 == 0 ? from + .seconds(7200) : nil, isActive: true,
        zone: zone)
      let now = schedule.isOpen(at: from)
      let walked = (1...(4 * 1440)).lazy.map { Instant(milliseconds: from.milliseconds + $0 * 60_000) }.first { schedule.isOpen(at: $0) != now }
      let found = schedule.nextChange(after: from)
      if let walked {
        #expect(found == walked, "\(name) \(from) \(hours)")
      } else {
        #expect(found.map { $0.since(from) > .seconds(4 * 86_400) } ?? true)
      }
    }
  }

  @Test func overlapsAreFoundRoundTheWeek() {
    var hours = OpeningHours()
    hours.monday = [interval("09:00-12:00"), interval("11:59-14:00")]
    #expect(hours.faults.map(\.path) == ["openingHours.monday[1]"])
    hours.monday = [interval("09:00-12:00"), interval("12:00-14:00")]
    #expect(hours.faults.isEmpty)
    hours.sunday = [interval("22:00-09:01")]
    #expect(hours.faults.map(\.path) == ["openingHours.monday[0]"])
    hours.sunday = [interval("22:00-09:00")]
    #expect(hours.faults.isEmpty)
    #expect(OpeningHours.daily([interval("00:00-24:00")]).faults.isEmpty)
    #expect(OpeningHours(friday: [interval("24:00-02:00")]).faults.map(\.path) == ["openingHours.friday[0].opens"])
  }
}

/// `09:00-17:00` as an interval.
func interval(_ text: String) -> DailyInterval {
  let times = text.split(separator: "-").map { part in
    var part = String(part)
    return part.withUTF8 { TimeOfDay(utf8: $0)! }
  }
  return DailyInterval(opens: times[0], closes: times[1])
}

func instant(_ text: String) -> Instant {
  var text = text
  return text.withUTF8 { Instant(utf8: $0)! }
}
