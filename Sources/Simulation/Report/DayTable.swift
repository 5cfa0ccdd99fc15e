import Foundation

/// The figures of a day beside each other, and how they print.
public struct DayTable: Sendable {
  /// Mean and percentiles of some measurements.
  public struct Spread: Hashable, Sendable {
    public let count: Int
    public let mean: Double
    private let sorted: [Double]

    public init(_ values: [Double]) {
      sorted = values.sorted()
      count = values.count
      mean = values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    /// The value that a share of the others do not exceed (nearest rank).
    public func percentile(_ percent: Double) -> Double {
      guard !sorted.isEmpty else { return 0 }
      let rank = Int((percent / 100 * Double(sorted.count)).rounded(.up))
      return sorted[min(sorted.count, max(1, rank)) - 1]
    }
  }

  public let record: DayRecord
  public let clickToDoor: Spread
  public let readyToPickup: Spread
  public let offersPerOrder: Spread
  public let frameMilliseconds: Spread
  /// What all couriers' shifts cost, and that per delivered order.
  public let totalPay: Double
  public let costPerOrder: Double
  /// What each delivered order's courier was paid for it: pay of the shift over its orders.
  public let costSpread: Spread

  public init(_ record: DayRecord) {
    self.record = record
    let instance = record.instance
    var perCourier: [String: Int] = [:]
    for order in instance.orders {
      if let outcome = record.orders[order.name], outcome.dropoffMinute != nil, let courier = outcome.courier { perCourier[courier, default: 0] += 1 }
    }
    func measured(_ value: (Instance.Order, DayRecord.OrderOutcome) -> Int?) -> Spread {
      Spread(instance.orders.compactMap { order in record.orders[order.name].flatMap { value(order, $0) }.map(Double.init) })
    }
    clickToDoor = measured { order, outcome in outcome.dropoffMinute.map { $0 - order.placementMinute } }
    readyToPickup = measured { order, outcome in outcome.dropoffMinute == nil ? nil : outcome.pickupMinute.map { $0 - order.readyMinute } }
    offersPerOrder = measured { _, outcome in outcome.refusal == nil ? outcome.offers : nil }
    frameMilliseconds = Spread(record.frameMilliseconds)
    var costs: [Double] = []
    var total = 0.0
    for courier in instance.couriers {
      let count = perCourier[courier.name] ?? 0
      let pay = instance.rules.pay(orders: count, shiftMinutes: courier.offMinute - courier.onMinute)
      total += pay
      costs += Array(repeating: count == 0 ? 0 : pay / Double(count), count: count)
    }
    totalPay = total
    costPerOrder = record.deliveredCount == 0 ? 0 : total / Double(record.deliveredCount)
    costSpread = Spread(costs)
  }

  public var text: String {
    let all = record.instance.orders.count
    let delivered = record.deliveredCount
    var lines = [
      "", "day \(record.instance.name): \(all) orders, \(record.instance.restaurants.count) restaurants, \(record.instance.couriers.count) couriers"
    ]
    lines.append(Self.line("delivered", "\(delivered)"))
    lines.append(Self.line("undelivered", "\(all - delivered) (\(Self.number(record.undeliveredShare * 100)) %)"))
    lines.append("                               mean      p50      p90      p99")
    lines.append(Self.spread("click-to-door, min", clickToDoor))
    lines.append(Self.spread("ready-to-pickup, min", readyToPickup))
    lines.append(Self.spread("courier pay per order, $", costSpread))
    lines.append(Self.spread("offers per order", offersPerOrder))
    lines.append(Self.spread("event to socket, ms", frameMilliseconds))
    lines.append(Self.line("cost per order, whole day", "$\(Self.number(costPerOrder)) (all shifts $\(Self.number(totalPay)))"))
    lines.append(Self.line("frames seen", "\(record.framesSeen)"))
    lines.append(Self.line("positions sent", "\(record.positionsSent)"))
    lines.append(Self.line("offers declined (off-time)", "\(record.declinedOffers)"))
    let errors = record.errors.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    lines.append(Self.line("errors", errors.isEmpty ? "none" : errors.map { "\($0.key) \($0.value)" }.joined(separator: ", ")))
    return lines.joined(separator: "\n")
  }

  private static func spread(_ name: String, _ spread: Spread) -> String {
    let cells = [spread.mean, spread.percentile(50), spread.percentile(90), spread.percentile(99)]
    return pad(name, 27) + cells.map { pad(number($0), 8, isRight: true) }.joined(separator: " ")
  }

  private static func line(_ name: String, _ value: String) -> String { pad(name, 27) + " " + value }

  static func number(_ value: Double) -> String { String(format: "%.2f", value) }

  static func pad(_ text: String, _ width: Int, isRight: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return isRight ? space + text : text + space
  }
}
