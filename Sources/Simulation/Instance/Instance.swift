import Foundation

/// One real day of the Meal Delivery Routing Problem: orders, restaurants and couriers in metres and whole minutes.
public struct Instance: Sendable {
  /// A spot of the instance's plane, in metres.
  public struct Spot: Hashable, Sendable {
    public var x: Double
    public var y: Double

    public init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }

    /// Along the straight line.
    public func meters(to other: Spot) -> Double { ((x - other.x) * (x - other.x) + (y - other.y) * (y - other.y)).squareRoot() }
  }

  public struct Order: Hashable, Sendable {
    public var name: String
    public var spot: Spot
    public var placementMinute: Int
    public var restaurant: String
    public var readyMinute: Int
  }

  public struct Restaurant: Hashable, Sendable {
    public var name: String
    public var spot: Spot
  }

  public struct Courier: Hashable, Sendable {
    public var name: String
    public var spot: Spot
    public var onMinute: Int
    public var offMinute: Int
  }

  /// The directory's name, which says how the day was made.
  public var name: String
  /// By placement, the earlier line first among equals.
  public var orders: [Order]
  public var restaurants: [Restaurant]
  public var couriers: [Courier]
  public var rules: TravelRules

  public init(name: String, orders: [Order], restaurants: [Restaurant], couriers: [Courier], rules: TravelRules) {
    self.name = name
    self.orders = orders
    self.restaurants = restaurants
    self.couriers = couriers
    self.rules = rules
  }

  /// Reads the four tables of a directory.
  ///
  /// - Throws: `InstanceFault` naming the file, the line and what is wrong there.
  public init(directory: String) throws {
    func table(_ file: String, _ columns: [String]) throws -> Table {
      let path = "\(directory)/\(file)"
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw InstanceFault(
          "\(path) cannot be read; --mdrp takes a directory with orders.txt, restaurants.txt, couriers.txt and instance_parameters.txt")
      }
      return try Table(text, file: file, columns: columns)
    }
    let orders = try table("orders.txt", ["order", "x", "y", "placement_time", "restaurant", "ready_time"])
    let restaurants = try table("restaurants.txt", ["restaurant", "x", "y"])
    let couriers = try table("couriers.txt", ["courier", "x", "y", "on_time", "off_time"])
    let rules = try table(
      "instance_parameters.txt",
      [
        "meters_per_minute", "pickup service minutes", "dropoff service minutes", "target click-to-door", "maximum click-to-door", "pay per order",
        "guaranteed pay per hour"
      ])
    try self.init(name: (directory as NSString).lastPathComponent, orders: orders, restaurants: restaurants, couriers: couriers, rules: rules)
  }

  init(name: String, orders: Table, restaurants: Table, couriers: Table, rules: Table) throws {
    self.name = name
    self.restaurants = try restaurants.rows.map { try Restaurant(name: $0.text("restaurant"), spot: $0.spot()) }
    self.couriers = try couriers.rows.map { row in
      let courier = try Courier(name: row.text("courier"), spot: row.spot(), onMinute: row.integer("on_time"), offMinute: row.integer("off_time"))
      guard courier.offMinute >= courier.onMinute else { throw row.fault("off_time lies before on_time") }
      return courier
    }
    let known = Set(self.restaurants.map(\.name))
    self.orders = try orders.rows.map { row in
      let order = try Order(
        name: row.text("order"), spot: row.spot(), placementMinute: row.integer("placement_time"), restaurant: row.text("restaurant"),
        readyMinute: row.integer("ready_time"))
      guard known.contains(order.restaurant) else { throw row.fault("restaurant \(order.restaurant) is not in restaurants.txt") }
      guard order.readyMinute >= order.placementMinute else { throw row.fault("ready_time lies before placement_time") }
      return order
    }
    guard let row = rules.rows.first else { throw InstanceFault("instance_parameters.txt has no line of values") }
    self.rules = try TravelRules(
      metersPerMinute: row.number("meters_per_minute"), pickupServiceMinutes: row.integer("pickup service minutes"),
      dropoffServiceMinutes: row.integer("dropoff service minutes"), targetClickToDoor: row.integer("target click-to-door"),
      maximumClickToDoor: row.integer("maximum click-to-door"), payPerOrder: row.number("pay per order"),
      guaranteedPayPerHour: row.number("guaranteed pay per hour"))
    guard self.rules.metersPerMinute > 0 else { throw row.fault("meters_per_minute must be above zero") }
    self.orders = self.orders.enumerated().sorted { ($0.element.placementMinute, $0.offset) < ($1.element.placementMinute, $1.offset) }.map(\.element)
  }

  /// The same day with only its first orders, and only what can still serve them.
  public func limited(to count: Int) -> Instance { keeping(Array(orders.prefix(count))) }

  /// The same day with only the orders that are placed in these minutes, and only what can still serve them.
  public func between(_ minutes: Range<Int>) -> Instance { keeping(orders.filter { minutes.contains($0.placementMinute) }) }

  private func keeping(_ kept: [Order]) -> Instance {
    var copy = self
    copy.orders = kept
    let used = Set(copy.orders.map(\.restaurant))
    copy.restaurants = restaurants.filter { used.contains($0.name) }
    if let first = copy.orders.first, let last = copy.orders.map(\.readyMinute).max() {
      let end = last + rules.maximumClickToDoor
      copy.couriers = couriers.filter { $0.offMinute > first.placementMinute && $0.onMinute <= end }
    }
    return copy
  }
}

/// Why an instance cannot be used, in one line.
public struct InstanceFault: Error, Hashable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// A tab-separated table with a header line.
struct Table {
  struct Row {
    let file: String
    let line: Int
    let cells: [String: String]

    func fault(_ problem: String) -> InstanceFault { InstanceFault("\(file):\(line): \(problem)") }

    func text(_ column: String) throws -> String {
      guard let cell = cells[column], !cell.isEmpty else { throw fault("\(column) is empty") }
      return cell
    }

    func number(_ column: String) throws -> Double {
      let cell = try text(column)
      guard let value = Double(cell), value.isFinite else { throw fault("\(column) must be a number, not \"\(cell)\"") }
      return value
    }

    func integer(_ column: String) throws -> Int {
      let value = try number(column)
      guard abs(value) < 1e9, let whole = Int(exactly: value) else { throw fault("\(column) must be a whole number") }
      return whole
    }

    func spot() throws -> Instance.Spot { try Instance.Spot(x: number("x"), y: number("y")) }
  }

  let rows: [Row]

  init(_ text: String, file: String, columns: [String]) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.hasSuffix("\r") ? $0.dropLast() : $0 }
    let header = (lines.first ?? "").split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    for column in columns where !header.contains(column) { throw InstanceFault("\(file):1: has no column \"\(column)\"") }
    var rows: [Row] = []
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard cells.count == header.count else {
        throw InstanceFault("\(file):\(index + 1): has \(cells.count) columns, not \(header.count)")
      }
      rows.append(Row(file: file, line: index + 1, cells: Dictionary(zip(header, cells)) { first, _ in first }))
    }
    self.rows = rows
  }
}
