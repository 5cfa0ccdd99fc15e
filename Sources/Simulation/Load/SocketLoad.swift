import CatalogAPI
import Foundation
import Kernel
import OrderingAPI
import ServiceKit
import Synchronization
import WebClient
import Wire

extension LoadRun {
  /// Many sockets on the channels of live orders, while their states change: how long from event to frame.
  func sockets(liveOrders: Int = 1000) async throws -> LoadResult {
    let (time, _) = try await DayClock.time(of: client)
    let kitchen = try await makeKitchen(dishes: 1)
    let customers = try await builder.customers(50)
    let live = try await place(min(liveOrders, connections), kitchen, customers)
    let frames = Frames()
    let open = try await inParallel(Array(0..<connections), width: 64) { number -> WebSocket in
      let order = live[number % live.count]
      let socket = try await client.socket(
        token: order.token, from: Self.source(number),
        WebSocket.Events(text: { frames.take($0, time) }, closed: { _ in frames.lost() }))
      socket.send(encode(Follow(data: Follow.Subject(channel: "order:\(order.id)"))))
      return socket
    }
    try await frames.awaitJoined(open.count, within: .seconds(60))
    frames.start()
    let start = ContinuousClock.now
    let perOrder = open.count / live.count
    let changes = try await change(live.map(\.id), kitchen)
    // The last frames are on their way; what has not come five seconds later is lost.
    let limit = ContinuousClock.now.advanced(by: .seconds(5))
    while frames.count < changes * perOrder, ContinuousClock.now < limit { try await ContinuousClock().sleep(for: .milliseconds(20)) }
    let taken = start.duration(to: .now).seconds
    let (times, lost) = frames.result
    for socket in open { socket.close() }
    let missing = max(0, changes * perOrder - times.count)
    return LoadResult(
      "sockets", connections: open.count, seconds: taken, milliseconds: times, errors: lost + missing,
      note: "\(live.count) orders live, \(changes) changes of state, \(missing) frames missing, \(lost) sockets lost")
  }

  /// Opens sockets that only stay open, and tells when all are there.
  public func hold(_ ready: () -> Void) async throws -> LoadResult {
    let customers = try await builder.customers(10)
    let frames = Frames()
    let start = ContinuousClock.now
    let open = try await inParallel(Array(0..<connections), width: 64) { number in
      try await client.socket(
        token: customers[number % customers.count].token, from: Self.source(number), WebSocket.Events(text: { _ in }, closed: { _ in frames.lost() }))
    }
    let taken = start.duration(to: .now).seconds
    frames.start()
    ready()
    try await ContinuousClock().sleep(for: .milliseconds(Int(seconds * 1000)))
    let lost = frames.result.lost
    for socket in open { socket.close() }
    return LoadResult("hold", connections: open.count, seconds: taken, milliseconds: [], count: open.count, errors: lost)
  }

  /// One address of this machine has some 28,000 ports; more sockets come from the next.
  private static func source(_ number: Int) -> String? { number < 20_000 ? nil : "127.0.0.\(number / 20_000 + 1)" }

  private func place(_ count: Int, _ kitchen: CityBuilder.Kitchen, _ customers: [Session]) async throws -> [(id: OrderID, token: String)] {
    struct Placed {
      var sent = 0
      var made: [(OrderID, String)] = []
    }
    let placed = Mutex(Placed())
    let lanes = 16
    let current = Mutex([Int](repeating: 0, count: lanes))
    try await RequestLanes.run(client, lanes: lanes, keepsBody: true) { lane in
      let number = placed.withLock { placed -> Int? in
        guard placed.sent < count else { return nil }
        placed.sent += 1
        return placed.sent
      }
      guard let number else { return nil }
      let customer = number % customers.count
      current.withLock { $0[lane] = customer }
      return order(kitchen, customers[customer].token, key: "\(run)-live-\(number)", fulfilment: .pickup)
    } done: { answer in
      guard let made = try? decode(Order.self, from: answer.body) else { return }
      let customer = current.withLock { $0[answer.lane] }
      placed.withLock { $0.made.append((made.id, customers[customer].token)) }
    }
    let made = placed.withLock { $0.made }
    guard !made.isEmpty else { throw NoAnswer(request: "POST /api/orders", reason: "no order was taken") }
    return made.map { (id: $0.0, token: $0.1) }
  }

  /// Moves every order from state to state, spread over the run's seconds.
  ///
  /// - Returns: how many changes the server made.
  private func change(_ orders: [OrderID], _ kitchen: CityBuilder.Kitchen) async throws -> Int {
    let steps: [OrderStatus] = [.confirmed, .preparing, .readyForPickup]
    let total = orders.count * steps.count
    let pause = Duration.milliseconds(Int(seconds * 1000)) / total
    let start = ContinuousClock.now
    let token = kitchen.owner.token
    return await withTaskGroup(of: Int.self) { group in
      for number in 0..<total {
        let order = orders[number % orders.count]
        let step = steps[number / orders.count]
        try? await ContinuousClock().sleep(until: start.advanced(by: pause * number))
        group.addTask {
          let body = UpdateOrderStatus(orderId: order, status: step)
          return (try? await client.send(.patch, "/api/orders/\(order)/status", body, token: token, as: RawJSON.self)) == nil ? 0 : 1
        }
      }
      return await group.reduce(0, +)
    }
  }

  /// What all sockets saw.
  final class Frames: Sendable {
    private struct State {
      var joined = 0
      var isMeasuring = false
      var lost = 0
      var milliseconds: [Double] = []
    }
    private let state = Mutex(State())

    @Wire struct Stamp { var timestamp: Instant }

    func take(_ bytes: UnsafeRawBufferPointer, _ time: TimeSource) {
      guard let frame = try? decode(LiveFrame.self, from: bytes) else { return }
      switch frame.type {
      case "subscribed": state.withLock { $0.joined += 1 }
      case "order_update":
        guard let stamp: Stamp = try? frame.data?.decoded() else { return }
        let age = time.now.since(stamp.timestamp).milliseconds / time.speed
        state.withLock { if $0.isMeasuring { $0.milliseconds.append(max(0, age)) } }
      default: break
      }
    }

    func lost() { state.withLock { $0.lost += 1 } }
    func start() { state.withLock { $0.isMeasuring = true } }
    var count: Int { state.withLock { $0.milliseconds.count } }
    var result: (times: [Double], lost: Int) { state.withLock { ($0.milliseconds, $0.lost) } }

    func awaitJoined(_ count: Int, within limit: Duration) async throws {
      let end = ContinuousClock.now.advanced(by: limit)
      while state.withLock({ $0.joined }) < count {
        guard ContinuousClock.now < end else {
          throw NoAnswer(request: "subscribe", reason: "only \(state.withLock { $0.joined }) of \(count) sockets joined within \(limit)")
        }
        try await ContinuousClock().sleep(for: .milliseconds(50))
      }
    }
  }

  @Wire struct Follow {
    @Wire struct Subject { var channel: String }
    var type: String = "subscribe"
    var data: Subject
  }
}
