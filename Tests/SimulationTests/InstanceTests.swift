import Foundation
import Testing

@testable import Simulation

@Suite struct InstanceTests {
  static let orders = "order\tx\ty\tplacement_time\trestaurant\tready_time\no2\t300\t400\t20\tr1\t30\no1\t0\t0\t10\tr1\t12\n"
  static let restaurants = "restaurant\tx\ty\nr1\t0\t0\nr2\t10\t10\n"
  static let couriers = "courier\tx\ty\ton_time\toff_time\nc1\t0\t0\t0\t90\n"
  static let parameters =
    "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door\tmaximum click-to-door\tpay per order\tguaranteed pay per hour\n320\t4\t4\t40\t90\t10\t15\n"

  static func directory(_ changes: [String: String] = [:]) throws -> String {
    let path = NSTemporaryDirectory() + "tiffin-instance-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let files = ["orders.txt": orders, "restaurants.txt": restaurants, "couriers.txt": couriers, "instance_parameters.txt": parameters]
    for (name, text) in files.merging(changes, uniquingKeysWith: { $1 }) {
      try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    }
    return path
  }

  @Test func readsTheFourTablesByPlacement() throws {
    let instance = try Instance(directory: Self.directory())
    #expect(instance.orders.map(\.name) == ["o1", "o2"])
    #expect(instance.orders[1] == Instance.Order(name: "o2", spot: .init(x: 300, y: 400), placementMinute: 20, restaurant: "r1", readyMinute: 30))
    #expect(instance.restaurants.count == 2)
    #expect(instance.couriers == [Instance.Courier(name: "c1", spot: .init(x: 0, y: 0), onMinute: 0, offMinute: 90)])
    #expect(instance.rules.metersPerMinute == 320)
    #expect(instance.rules.guaranteedPayPerHour == 15)
  }

  @Test(arguments: [
    ("orders.txt", orders.replacingOccurrences(of: "r1", with: "r9"), "orders.txt:2: restaurant r9 is not in restaurants.txt"),
    ("orders.txt", orders.replacingOccurrences(of: "\t12", with: "\t9"), "orders.txt:3: ready_time lies before placement_time"),
    ("orders.txt", orders.replacingOccurrences(of: "400", with: "north"), "orders.txt:2: y must be a number, not \"north\""),
    ("orders.txt", orders.replacingOccurrences(of: "\t20\t", with: "\t20.5\t"), "orders.txt:2: placement_time must be a whole number"),
    ("orders.txt", orders.replacingOccurrences(of: "\tr1\t30", with: "\tr1"), "orders.txt:2: has 5 columns, not 6"),
    ("couriers.txt", couriers.replacingOccurrences(of: "off_time", with: "end"), "couriers.txt:1: has no column \"off_time\""),
    ("couriers.txt", couriers.replacingOccurrences(of: "0\t90", with: "99\t90"), "couriers.txt:2: off_time lies before on_time"),
    (
      "instance_parameters.txt", parameters.replacingOccurrences(of: "320", with: "0"),
      "instance_parameters.txt:2: meters_per_minute must be above zero"
    )
  ])
  func namesFileAndLineOfWhatIsWrong(file: String, text: String, problem: String) throws {
    let directory = try Self.directory([file: text])
    let fault = #expect(throws: InstanceFault.self) { try Instance(directory: directory) }
    #expect(fault?.description == problem)
  }

  @Test func saysWhatADirectoryMustHold() {
    let fault = #expect(throws: InstanceFault.self) { try Instance(directory: "/nowhere") }
    #expect(fault?.description.contains("/nowhere/orders.txt cannot be read") == true)
  }

  @Test func limitKeepsOnlyWhatCanServe() throws {
    let instance = try Instance(directory: Self.directory()).limited(to: 1)
    #expect(instance.orders.map(\.name) == ["o1"])
    #expect(instance.restaurants.map(\.name) == ["r1"])
  }

  @Test func readsARealDayWhereThereIsOne() throws {
    let path = "/work/shared/data/mdrp/1o100t100s1p100"
    guard FileManager.default.fileExists(atPath: path) else { return }
    let instance = try Instance(directory: path)
    #expect(instance.orders.count == 538)
    #expect(instance.couriers.count == 94)
    #expect(instance.restaurants.count == 120)
  }
}
