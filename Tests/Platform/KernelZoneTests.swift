import Foundation
import Kernel
import TestKit
import Testing
import Wire

@Suite struct KernelZoneTests {
  @Test(arguments: ["GMT+5", "EST", "Mars/Base", "", "+05:00", "Europe/Atlantis", "Europe/Berlin\u{0}", "../../etc/passwd"])
  func namesOutsideTheTableAreRefused(_ name: String) { #expect(Zone.named(name) == nil) }

  @Test func offsetsAreFoundationsOwn() throws {
    var generator = SeededGenerator(7)
    for name in ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC", "Pacific/Apia"] {
      let zone = try #require(Zone.named(name))
      let foundation = try #require(TimeZone(identifier: name))
      for _ in 0..<3000 {
        let seconds = Int.random(in: 0...5_000_000_000, using: &generator)
        let expected = foundation.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
        #expect(zone.offsetSeconds(at: Instant(milliseconds: seconds * 1000)) == expected, "\(name) at \(seconds)")
      }
    }
  }

  @Test(arguments: [
    ("America/New_York", "2026-03-08T07:00:00Z", 60), ("America/New_York", "2026-11-01T06:00:00Z", -60),
    ("Europe/Berlin", "2026-03-29T01:00:00Z", 60), ("Europe/Berlin", "2026-10-25T01:00:00Z", -60),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z", -30), ("Australia/Lord_Howe", "2026-10-03T15:30:00Z", 30)
  ])
  func transitionsStandToTheSecond(_ name: String, _ at: String, _ minutes: Int) throws {
    let zone = try #require(Zone.named(name))
    let moment = instant(at)
    let before = Instant(milliseconds: moment.milliseconds - 1)
    #expect(zone.nextTransition(after: Instant(milliseconds: moment.milliseconds - 86_400_000)) == moment)
    #expect((zone.offsetSeconds(at: moment) - zone.offsetSeconds(at: before)) / 60 == minutes)
  }

  @Test func wallTimesThatRepeatHaveTwoMomentsAndSkippedOnesTheJump() throws {
    let newYork = try #require(Zone.named("America/New_York"))
    let repeated = LocalTime(LocalDate(2026, 11, 1), minutes: 90)
    #expect(newYork.instants(of: repeated) == [instant("2026-11-01T05:30:00Z"), instant("2026-11-01T06:30:00Z")])
    let skipped = LocalTime(LocalDate(2026, 3, 8), minutes: 150)
    #expect(newYork.instants(of: skipped) == [instant("2026-03-08T07:00:00Z")])
    let howe = try #require(Zone.named("Australia/Lord_Howe"))
    let halfHour = LocalTime(LocalDate(2026, 4, 5), minutes: 105)
    #expect(howe.instants(of: halfHour) == [instant("2026-04-04T14:45:00Z"), instant("2026-04-04T15:15:00Z")])
    #expect(howe.instants(of: LocalTime(LocalDate(2026, 10, 4), minutes: 130)) == [instant("2026-10-03T15:30:00Z")])
  }

  @Test func everyMomentIsAmongThoseOfItsWallTime() throws {
    var generator = SeededGenerator(11)
    for name in ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe"] {
      let zone = try #require(Zone.named(name))
      for _ in 0..<2000 {
        let moment = Instant(milliseconds: Int.random(in: 900_000_000...3_600_000_000, using: &generator) * 1000)
        #expect(zone.instants(of: zone.local(moment)).contains(moment), "\(name) \(moment)")
      }
    }
  }

  @Test(arguments: [("2026-11-21", 5), ("2026-11-22", 6), ("2026-11-23", 0), ("1970-01-01", 3), ("1969-12-31", 2), ("2024-02-29", 3)])
  func datesKnowTheirWeekday(_ text: String, _ weekday: Int) throws {
    let date = try decode(LocalDate.self, from: Array("\"\(text)\"".utf8))
    #expect(date.weekday == weekday)
    #expect(date.description == text)
  }

  @Test(arguments: ["2026-02-29", "2026-13-01", "2026-1-01", "26-01-01", "2026-00-10", "2026-01-32"])
  func daysThatAreNoneAreRefused(_ text: String) {
    #expect(throws: InvalidInput.self) { try decode(LocalDate.self, from: Array("\"\(text)\"".utf8)) }
  }

  @Test(arguments: [("00:00", 0), ("09:30", 570), ("23:59", 1439), ("24:00", 1440)])
  func timesOfDayReadAndWrite(_ text: String, _ minutes: Int) throws {
    let time = try decode(TimeOfDay.self, from: Array("\"\(text)\"".utf8))
    #expect(time.minutes == minutes)
    #expect(time.description == text)
  }

  @Test(arguments: ["24:01", "9:30", "12:60", "ab:cd", "25:00", "12-30"])
  func timesThatAreNoneAreRefused(_ text: String) {
    #expect(throws: InvalidInput.self) { try decode(TimeOfDay.self, from: Array("\"\(text)\"".utf8)) }
  }

  private func instant(_ text: String) -> Instant {
    var text = text
    return text.withUTF8 { Instant(utf8: $0)! }
  }
}
