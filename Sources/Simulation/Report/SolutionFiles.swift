import Foundation

/// The day in the three text files of the instances' public evaluator: single spaces, one header line each.
public struct SolutionFiles: Hashable, Sendable {
  public let assignments: String
  public let orders: String
  public let couriers: String

  public init(_ record: DayRecord) {
    let delivered = record.instance.orders.compactMap { order -> (Instance.Order, DayRecord.OrderOutcome)? in
      guard let outcome = record.orders[order.name], outcome.dropoffMinute != nil else { return nil }
      return (order, outcome)
    }
    let byTime = delivered.sorted { ($0.1.assignmentMinute ?? 0, $0.0.name) < ($1.1.assignmentMinute ?? 0, $1.0.name) }
    assignments = Self.lines(
      "assignment_time pickup_time courier order",
      byTime.map { "\($1.assignmentMinute ?? 0) \($1.pickupMinute ?? 0) \($1.courier ?? "") \($0.name)" })
    // The evaluator drops a row with nan from its averages, and counts only whole rows as delivered.
    orders = Self.lines(
      "order placement_time ready_time pickup_time dropoff_time courier",
      record.instance.orders.map { order in
        let start = "\(order.name) \(order.placementMinute) \(order.readyMinute)"
        guard let outcome = record.orders[order.name], let pickup = outcome.pickupMinute, let dropoff = outcome.dropoffMinute,
          let courier = outcome.courier
        else { return "\(start) nan nan nan" }
        return "\(start) \(pickup) \(dropoff) \(courier)"
      })
    couriers = Self.lines(
      "courier departure origin destination",
      record.instance.couriers.flatMap { courier in
        (record.legs[courier.name] ?? []).map { "\(courier.name) \($0.departure) \($0.origin) \($0.destination)" }
      })
  }

  /// Writes the files under the evaluator's names.
  public func write(to directory: String) throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    for (name, text) in [("assignments", assignments), ("orders", orders), ("couriers", couriers)] {
      try text.write(toFile: "\(directory)/solution_info_\(name).txt", atomically: true, encoding: .utf8)
    }
  }

  private static func lines(_ header: String, _ lines: [String]) -> String { ([header] + lines).joined(separator: "\n") + "\n" }
}
