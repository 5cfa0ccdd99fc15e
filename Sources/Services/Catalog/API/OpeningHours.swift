public import Kernel
public import Wire

/// When a restaurant is open in an ordinary week, in the time of its own wall clock.
@Wire public struct OpeningHours: Hashable, Sendable {
  @Field(.count(0...6)) public var monday: [DailyInterval] = []
  @Field(.count(0...6)) public var tuesday: [DailyInterval] = []
  @Field(.count(0...6)) public var wednesday: [DailyInterval] = []
  @Field(.count(0...6)) public var thursday: [DailyInterval] = []
  @Field(.count(0...6)) public var friday: [DailyInterval] = []
  @Field(.count(0...6)) public var saturday: [DailyInterval] = []
  @Field(.count(0...6)) public var sunday: [DailyInterval] = []
}

extension OpeningHours {
  /// The days from Monday to Sunday.
  public var days: [[DailyInterval]] { [monday, tuesday, wednesday, thursday, friday, saturday, sunday] }

  /// The same intervals on every day.
  public static func daily(_ intervals: [DailyInterval]) -> OpeningHours {
    OpeningHours(
      monday: intervals, tuesday: intervals, wednesday: intervals, thursday: intervals, friday: intervals, saturday: intervals, sunday: intervals)
  }
}

/// One stretch of a day; `closes` at or before `opens` means on the next day.
@Wire public struct DailyInterval: Hashable, Sendable {
  public var opens: TimeOfDay
  public var closes: TimeOfDay
}

/// A period in which a restaurant is closed against its weekly hours: whole local days, or exact moments.
@Wire public struct ClosurePeriod: Hashable, Sendable {
  /// The first closed day; with it comes `lastDay`.
  public var firstDay: LocalDate?
  /// The last closed day, itself closed.
  public var lastDay: LocalDate?
  /// The moment it closes; with it comes `endsAt`.
  public var startsAt: Instant?
  /// The moment it may open again.
  public var endsAt: Instant?
  @Field(.length(0...140)) public var reason: String?
}
