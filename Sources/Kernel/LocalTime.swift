public import Wire

/// A time as clock and calendar on the wall show it, without a zone.
public struct LocalTime: Hashable, Comparable, Sendable {
  /// Counted as if the wall were in UTC, from 1970-01-01.
  public let milliseconds: Int

  public init(_ milliseconds: Int) { self.milliseconds = milliseconds }

  /// - Parameter minutes: since the day's midnight; 1,440 is the midnight after.
  public init(_ date: LocalDate, minutes: Int) { milliseconds = date.dayNumber * 86_400_000 + minutes * 60_000 }

  public var date: LocalDate { LocalDate(dayNumber: milliseconds.floorQuotient(86_400_000)) }
  /// Milliseconds since the day's midnight.
  public var millisecondsOfDay: Int { milliseconds - date.dayNumber * 86_400_000 }

  public static func < (left: LocalTime, right: LocalTime) -> Bool { left.milliseconds < right.milliseconds }
}

/// A day of the calendar, written `2026-12-25`.
public struct LocalDate: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01.
  public let dayNumber: Int

  public init(dayNumber: Int) { self.dayNumber = dayNumber }

  /// A day that exists; stops the program otherwise.
  public init(_ year: Int, _ month: Int, _ day: Int) { self.init(dayNumber: Instant.day(year, month, day)) }

  /// Parses `2026-12-25`.
  public init?(utf8 text: UnsafeBufferPointer<UInt8>) {
    guard text.count == 10, text[4] == 0x2D, text[7] == 0x2D else { return nil }
    var parts = [0, 0, 0]
    for index in 0..<10 where index != 4 && index != 7 {
      guard text[index] &- 48 < 10 else { return nil }
      let part = index < 4 ? 0 : index < 7 ? 1 : 2
      parts[part] = parts[part] * 10 + Int(text[index] - 48)
    }
    guard 1...12 ~= parts[1], 1...Instant.days(inMonth: parts[1], of: parts[0]) ~= parts[2] else { return nil }
    self.init(parts[0], parts[1], parts[2])
  }

  public static func < (left: LocalDate, right: LocalDate) -> Bool { left.dayNumber < right.dayNumber }
  public static func + (date: LocalDate, days: Int) -> LocalDate { LocalDate(dayNumber: date.dayNumber + days) }

  /// 0 is Monday, 6 Sunday.
  public var weekday: Int { (dayNumber + 3) - (dayNumber + 3).floorQuotient(7) * 7 }
}

extension LocalDate: CustomStringConvertible {
  public var description: String {
    let (year, month, day) = Instant.date(dayNumber)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let digits = String(year)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + "\(digits)-\(two(month))-\(two(day))"
  }
}

extension LocalDate: WireValue {
  public static func read(_ reader: inout JSONReader) -> LocalDate? {
    reader.parsing("a date such as 2026-12-25") { LocalDate(utf8: $0) }
  }

  public func write(to writer: inout JSONWriter) { writer.string(description) }
  public static var schema: Schema { Schema(.text, format: "date") }
}

/// A time of day to the minute, written `09:30`; `24:00` is the end of the day.
public struct TimeOfDay: Hashable, Comparable, Sendable {
  /// Since midnight, 0 to 1,440.
  public let minutes: Int

  public init(minutes: Int) {
    precondition(0...1440 ~= minutes, "a day has 1,440 minutes")
    self.minutes = minutes
  }

  /// Parses `09:30`.
  public init?(utf8 text: UnsafeBufferPointer<UInt8>) {
    guard text.count == 5, text[2] == 0x3A else { return nil }
    var parts = [0, 0]
    for index in 0..<5 where index != 2 {
      guard text[index] &- 48 < 10 else { return nil }
      parts[index / 3] = parts[index / 3] * 10 + Int(text[index] - 48)
    }
    guard parts[1] < 60, parts[0] * 60 + parts[1] <= 1440 else { return nil }
    minutes = parts[0] * 60 + parts[1]
  }

  public static func < (left: TimeOfDay, right: TimeOfDay) -> Bool { left.minutes < right.minutes }
}

extension TimeOfDay: CustomStringConvertible {
  public var description: String {
    let (hours, rest) = minutes.quotientAndRemainder(dividingBy: 60)
    return "\(hours < 10 ? "0" : "")\(hours):\(rest < 10 ? "0" : "")\(rest)"
  }
}

extension TimeOfDay: WireValue {
  public static func read(_ reader: inout JSONReader) -> TimeOfDay? {
    reader.parsing("a time of day from 00:00 to 24:00") { TimeOfDay(utf8: $0) }
  }

  public func write(to writer: inout JSONWriter) { writer.string(description) }
  public static var schema: Schema { Schema(.text, pattern: #"^([01]\d|2[0-3]):[0-5]\d$|^24:00$"#) }
}

extension Int {
  /// The quotient rounded towards minus infinity.
  func floorQuotient(_ divisor: Int) -> Int { self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor) }
}
