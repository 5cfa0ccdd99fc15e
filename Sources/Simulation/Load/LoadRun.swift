import CatalogAPI
import Foundation
import IdentityAPI
import Kernel
import OrderingAPI
import ServiceKit
import Synchronization
public import WebClient
import Wire

/// Loads a server of this machine in one way for a bounded time, and measures what it did.
public struct LoadRun: Sendable {
  public enum Scenario: String, CaseIterable, Sendable { case menu, orders, positions, sockets }

  public let client: WebClient
  public let connections: Int
  public let seconds: Double
  /// Ends an orders run by their number instead of by time.
  public let limit: Int?
  /// Requests a second, spread evenly over the connections; nothing: as many as are answered.
  public let pace: Double?
  let run: String
  let notebook: Notebook
  let builder: CityBuilder

  public init(_ client: WebClient, connections: Int, seconds: Double, limit: Int? = nil, pace: Double? = nil) {
    self.client = client
    self.connections = connections
    self.seconds = seconds
    self.limit = limit
    self.pace = pace
    run = "load\(UInt32.random(in: 0...UInt32.max))"
    // A load has no day; the notebook only counts errors.
    let instance = Instance(
      name: "load", orders: [], restaurants: [], couriers: [],
      rules: TravelRules(
        metersPerMinute: 320, pickupServiceMinutes: 4, dropoffServiceMinutes: 4, targetClickToDoor: 40, maximumClickToDoor: 90, payPerOrder: 10,
        guaranteedPayPerHour: 15))
    notebook = Notebook(instance)
    builder = CityBuilder(client: client, notebook: notebook, instance: instance, map: CityMap(), run: run)
  }

  public func play(_ scenario: Scenario) async throws -> LoadResult {
    switch scenario {
    case .menu: try await menu()
    case .orders: try await orders()
    case .positions: try await positions()
    case .sockets: try await sockets()
    }
  }

  // MARK: Menu and orders

  func makeKitchen(dishes: Int) async throws -> CityBuilder.Kitchen {
    try await builder.kitchen(Instance.Restaurant(name: "load", spot: .init(x: 0, y: 0)), dishes: dishes)
  }

  /// Makes a menu of fifty dishes and answers its path without loading it.
  public func prepareMenu() async throws -> LoadResult {
    let kitchen = try await makeKitchen(dishes: 50)
    return LoadResult("menu", connections: 0, seconds: 0, milliseconds: [], errors: 0, path: "/api/restaurants/\(kitchen.id)/menu")
  }

  private func menu() async throws -> LoadResult {
    let path = "/api/restaurants/\(try await makeKitchen(dishes: 50).id)/menu"
    let request = RequestLanes.Request(.get, path, at: client.address)
    return try await measure("menu", path: path) { _, _ in request }
  }

  func order(_ kitchen: CityBuilder.Kitchen, _ token: String, key: String, fulfilment: Fulfilment = .delivery) -> RequestLanes.Request {
    let body = PlaceOrder(
      restaurantId: kitchen.id, items: [WantedItem(menuItemId: kitchen.dish, quantity: 2)], fulfilment: fulfilment,
      deliveryAddress: DeliveryAddress(text: "1 Load Street, Simulation City", point: CityMap().point(.init(x: 900, y: 900))),
      payment: PaymentChoice(method: .card, cardToken: "tok_approve"))
    return RequestLanes.Request(
      .post, "/api/orders", at: client.address, headers: [("authorization", "Bearer \(token)"), ("idempotency-key", key)], body: encode(body))
  }

  private func orders() async throws -> LoadResult {
    let kitchen = try await makeKitchen(dishes: 10)
    let tokens = try await builder.customers(max(connections, 64)).map(\.token)
    return try await measure("orders") { lane, number in
      order(kitchen, tokens[(lane + number * connections) % tokens.count], key: "\(run)-\(lane)-\(number)")
    }
  }

  /// Runs the lanes until the time or the number is over.
  func measure(_ scenario: String, path: String? = nil, _ request: @escaping @Sendable (_ lane: Int, _ number: Int) -> RequestLanes.Request)
    async throws -> LoadResult
  {
    struct Tally {
      var sent: [Int]
      var total = 0
      var milliseconds: [Double] = []
      var errors: [Int: Int] = [:]
    }
    let tally = Mutex(Tally(sent: Array(repeating: 0, count: connections)))
    let start = ContinuousClock.now
    let end = start.advanced(by: .milliseconds(Int(seconds * 1000)))
    try await RequestLanes.run(client, lanes: connections, pace: pace.map { .seconds(Double(connections) / $0) }) { lane in
      let number = tally.withLock { tally -> Int? in
        if let limit { guard tally.total < limit else { return nil } } else if ContinuousClock.now >= end { return nil }
        tally.total += 1
        tally.sent[lane] += 1
        return tally.sent[lane]
      }
      return number.map { request(lane, $0) }
    } done: { answer in
      tally.withLock { tally in
        if 200..<300 ~= answer.status {
          tally.milliseconds.append(Double(answer.nanoseconds) / 1e6)
        } else {
          tally.errors[answer.status, default: 0] += 1
        }
      }
    }
    let taken = start.duration(to: .now).seconds
    return tally.withLock { tally in
      let errors = tally.errors.sorted { $0.key < $1.key }.map { "status \($0.key): \($0.value)" }.joined(separator: ", ")
      return LoadResult(
        scenario, connections: connections, seconds: taken, milliseconds: tally.milliseconds, errors: tally.errors.values.reduce(0, +), path: path,
        note: errors.isEmpty ? nil : errors)
    }
  }
}
