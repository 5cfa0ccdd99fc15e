import Foundation
import Testing

@testable import Simulation

@Suite struct ReportTests {
  /// Two couriers, three orders; the third is never brought.
  private func record() throws -> DayRecord {
    let orders = "order\tx\ty\tplacement_time\trestaurant\tready_time\no1\t3200\t0\t10\tr1\t20\no2\t0\t3200\t30\tr1\t32\no3\t0\t0\t40\tr1\t41\n"
    let couriers = "courier\tx\ty\ton_time\toff_time\nc1\t0\t0\t0\t120\nc2\t0\t0\t0\t60\n"
    let restaurants = "restaurant\tx\ty\nr1\t0\t0\n"
    let directory = try InstanceTests.directory(["orders.txt": orders, "couriers.txt": couriers, "restaurants.txt": restaurants])
    let instance = try Instance(directory: directory)
    var record = DayRecord(instance: instance)
    let first = instance.rules.trip(from: .init(x: 0, y: 0), departing: 11, to: instance.orders[0], at: .init(x: 0, y: 0))
    record.delivered(instance.orders[0], by: "c1", from: "0", trip: first)
    let second = instance.rules.trip(from: instance.orders[0].spot, departing: first.free, to: instance.orders[1], at: .init(x: 0, y: 0))
    record.delivered(instance.orders[1], by: "c1", from: "o1", trip: second)
    record.orders["o1"]?.offers = 1
    record.orders["o2"]?.offers = 3
    return record
  }

  @Test func writesTheEvaluatorsFiles() throws {
    let files = SolutionFiles(try record())
    #expect(files.assignments == "assignment_time pickup_time courier order\n11 20 c1 o1\n36 48 c1 o2\n")
    #expect(
      files.orders
        == "order placement_time ready_time pickup_time dropoff_time courier\no1 10 20 20 34 c1\no2 30 32 48 62 c1\no3 40 41 nan nan nan\n")
    #expect(files.couriers == "courier departure origin destination\nc1 11 0 r1\nc1 22 r1 o1\nc1 36 o1 r1\nc1 50 r1 o2\n")
  }

  @Test func writesThemUnderTheEvaluatorsNames() throws {
    let directory = NSTemporaryDirectory() + "tiffin-out-\(UUID().uuidString)"
    let files = SolutionFiles(try record())
    try files.write(to: directory)
    #expect(try String(contentsOfFile: "\(directory)/solution_info_assignments.txt", encoding: .utf8) == files.assignments)
    #expect(try String(contentsOfFile: "\(directory)/solution_info_orders.txt", encoding: .utf8) == files.orders)
    #expect(try String(contentsOfFile: "\(directory)/solution_info_couriers.txt", encoding: .utf8) == files.couriers)
  }

  @Test func measuresDeliveredOrdersOnlyAndCountsTheOthers() throws {
    let table = DayTable(try record())
    #expect(table.record.deliveredCount == 2)
    #expect(abs(table.record.undeliveredShare - 1.0 / 3) < 1e-12)
    #expect(table.clickToDoor.count == 2)
    #expect(table.clickToDoor.mean == 28)
    #expect(table.readyToPickup.mean == 8)
    #expect(table.offersPerOrder.mean == 2)
    // c1: two hours at 15 beat two orders at 10; c2: one hour.
    #expect(table.totalPay == 45)
    #expect(table.costPerOrder == 22.5)
    #expect(table.text.contains("undelivered                 1 (33.33 %)"))
  }

  @Test(arguments: [(0.0, 1.0), (50, 2), (51, 3), (75, 3), (100, 4)]) func percentilesAreByNearestRank(percent: Double, value: Double) {
    #expect(DayTable.Spread([4, 2, 1, 3]).percentile(percent) == value)
  }

  @Test func nothingMeasuredIsZero() {
    #expect(DayTable.Spread([]).percentile(99) == 0)
    #expect(DayTable.Spread([]).mean == 0)
  }
}
