public import Kernel
public import ServiceKit
public import Wire

/// What the caller earned with deliveries between two moments, with sums by day and week.
@Wire public struct ListEarnings: Operation {
  public static let address = OperationAddress("delivery", "listEarnings")
  public static let access = Access.roles([.deliveryPartner])
  public static let repeatability = Repeatability.safe
  public typealias Reply = Earnings

  /// Absent: 28 days before the end.
  public var from: Instant?
  /// Not included; absent: now.
  public var to: Instant?
  /// IANA name of the zone whose days are meant; absent: UTC.
  @Field(.length(1...64)) public var timeZone: String?
}

/// What a partner earned.
@Wire public struct Earnings: Hashable, Sendable {
  public var from: Instant
  public var to: Instant
  /// One for each currency.
  public var totals: [EarningsSum]
  /// One for each day with a delivery, and currency; `starts` is the day.
  public var days: [EarningsSum]
  /// One for each week from Monday with a delivery, and currency; `starts` is the Monday.
  public var weeks: [EarningsSum]
}

/// What was earned in a stretch of time in one currency.
@Wire public struct EarningsSum: Hashable, Sendable {
  /// The first day, such as `2026-11-21`; absent for the whole.
  public var starts: String?
  public var currency: Currency
  public var deliveries: Int
  /// For the way.
  public var pay: Amount
  public var tips: Amount
  public var total: Amount
}
