import Foundation
import Kernel
import Messaging
import MessagingKafka
import MessagingRabbitMQ
import MessagingSQS
import ServiceKit
import Synchronization
import TestKit
import Testing
import Wire

/// The kinds of bus that the suite holds to the same promises.
enum BusKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case inProcess, rabbitMQ, kafka, sqs

  var testDescription: String { rawValue }

  /// Whether several processes can share it, and it keeps events by itself.
  var isBroker: Bool { self != .inProcess }

  /// How many events a test sends when it wants many.
  var many: Int {
    switch self {
    case .inProcess: return 20_000
    case .rabbitMQ, .kafka: return 5000
    case .sqs: return 100
    }
  }

  /// How many events a test sends that is about their number.
  var veryMany: Int { ProcessInfo.processInfo.environment["TIFFIN_BUS_EVENTS"].flatMap { Int($0) } ?? (self == .sqs ? 300 : 100_000) }

  /// What a test sends of `count` events: moto looks through all it holds for each message, and 2000 would take minutes.
  func some(_ count: Int) -> Int { self == .sqs ? max(10, count / 20) : count }

  /// How many deliveries one service may have open.
  var mostOpen: Int { self == .inProcess ? Feeder.window + 256 : 512 + 256 }

  /// The buses that can be tested here: Debian's librdkafka 2.0 does not understand the test broker, so `script/test` has a newer
  /// one loaded; without it Kafka is left out. `TIFFIN_BUSES=kafka,sqs` chooses.
  static let here = allCases.filter { kind in
    if let chosen = ProcessInfo.processInfo.environment["TIFFIN_BUSES"] { return chosen.split(separator: ",").contains { $0 == kind.rawValue } }
    return kind != .kafka || KafkaBus.libraryVersion.compare("2.4", options: .numeric) != .orderedAscending
  }
  static let brokers = here.filter(\.isBroker)
}

/// One installation of a bus: all the nodes that a test makes of it belong together and to nobody else.
struct BusUnderTest: Sendable {
  let kind: BusKind
  let namespace: String
  let server: BrokerServer?

  init(_ kind: BusKind, server: BrokerServer? = nil) throws {
    self.kind = kind
    namespace = "t\(UInt32.random(in: 0...UInt32.max)).".lowercased()
    switch kind {
    case .inProcess: self.server = nil
    case .kafka: self.server = try server ?? BrokerServer.shared("kafka")
    case .sqs: self.server = try server ?? BrokerServer.shared("sqs")
    case .rabbitMQ: self.server = try server ?? BrokerServer.shared("rabbitmq")
    }
  }

  /// A node: one process's end of the bus.
  func node() throws -> any Bus {
    switch kind {
    case .inProcess: return InProcessBus()
    case .kafka:
      guard let server, let address = KafkaAddress(server.url) else { throw BrokerServer.Failed(description: "no address") }
      return KafkaBus(address, .init(namespace: namespace, retryPause: .milliseconds(300), attempts: 3))
    case .sqs:
      guard let server, let address = SQSAddress(server.url, environment: ["AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "secret"]) else {
        throw BrokerServer.Failed(description: "no address")
      }
      return SQSBus(
        address, .init(namespace: namespace, longPoll: .seconds(1), refresh: .milliseconds(300), retryPause: .seconds(1), attempts: 3))
    case .rabbitMQ:
      guard let server, let address = RabbitMQAddress(server.url) else { throw BrokerServer.Failed(description: "no address") }
      return RabbitMQBus(address, .init(namespace: namespace, retryPause: .milliseconds(300), attempts: 3))
    }
  }

  /// Opens a node with the subscriptions, and closes it after the body.
  func with<Value>(_ subscriptions: [Subscription], _ body: (any Bus) async throws -> Value) async throws -> Value {
    let bus = try node()
    for subscription in subscriptions { bus.subscribe(subscription) }
    try await bus.open()
    let result: Result<Value, any Error>
    do { result = .success(try await body(bus)) } catch { result = .failure(error) }
    await bus.close()
    return try result.get()
  }
}

/// Plays a service's outbox and relay: keeps every event until it is confirmed, with a bound on what is under way.
final class Feeder: Sendable {
  static let window = 4096
  private let open = Mutex<[EventID: Envelope]>([:])
  private let confirmed = Mutex(0)

  var unconfirmed: [Envelope] { open.withLock { $0.values.sorted { ($0.aggregate, $0.sequence) < ($1.aggregate, $1.sequence) } } }

  func feed(_ events: [Envelope], to bus: any Bus, isRepeated: Bool = false) async throws {
    var rest = events[...]
    while !rest.isEmpty {
      let batch = Array(rest.prefix(256))
      rest = rest.dropFirst(256)
      try await eventually(within: .seconds(240), "room in the window") { open.withLock { $0.count } < Self.window }
      open.withLock { open in for event in batch { open[event.id] = event } }
      try await bus.publish(batch, isRepeated: isRepeated) { [self] id in open.withLock { _ = $0.removeValue(forKey: id) } }
    }
  }

  func settle(within limit: Duration = .seconds(60)) async throws {
    try await eventually(within: limit, "everything confirmed") { open.withLock { $0.isEmpty } }
  }
}

/// What one subscriber got.
final class Receiver: Sendable {
  private struct State {
    var counts: [EventID: Int] = [:]
    /// By aggregate the sequences in the order of their first arrival.
    var order: [String: [Int]] = [:]
    var open: [(EventID, @Sendable (EventID) -> Void)] = []
    var mostOpen = 0
    var isHolding = false
    var repeated = 0
  }

  private let state = Mutex(State())
  let name: String
  let isEveryNode: Bool

  init(_ name: String, isEveryNode: Bool = false, isHolding: Bool = false) {
    self.name = name
    self.isEveryNode = isEveryNode
    state.withLock { $0.isHolding = isHolding }
  }

  func subscription(_ events: Set<String> = ["cup.filled", "cup.emptied"]) -> Subscription {
    Subscription(name, events: events, topics: [.orders, .payments], isEveryNode: isEveryNode) { [self] batch, isRepeated, done in
      let through = state.withLock { state -> [Envelope] in
        for envelope in batch {
          state.counts[envelope.id, default: 0] += 1
          if state.counts[envelope.id] == 1 { state.order[envelope.aggregate, default: []].append(envelope.sequence) }
          if isRepeated { state.repeated += 1 }
          if state.isHolding { state.open.append((envelope.id, done)) }
        }
        state.mostOpen = max(state.mostOpen, state.open.count)
        return state.isHolding ? [] : batch
      }
      for envelope in through { done(envelope.id) }
    }
  }

  /// Says that what was held is done, and holds nothing from now on.
  func release() {
    let open = state.withLock { state in
      state.isHolding = false
      defer { state.open = [] }
      return state.open
    }
    for (id, done) in open { done(id) }
  }

  var count: Int { state.withLock { $0.counts.count } }
  var deliveries: Int { state.withLock { $0.counts.values.reduce(0, +) } }
  var mostOpen: Int { state.withLock { $0.mostOpen } }
  var repeated: Int { state.withLock { $0.repeated } }
  var ids: Set<EventID> { state.withLock { Set($0.counts.keys) } }
  /// The aggregates whose events came first in another order than they happened.
  var disordered: [String] { state.withLock { $0.order.filter { $0.value != $0.value.sorted() }.keys.sorted() } }
}

/// Events of `aggregates` cups in turn.
func cups(_ count: Int, aggregates: Int = 50, name: String = "cup.filled", prefix: String = "cup", from first: Int = 0) -> [Envelope] {
  let time = TimeSource.scaled(from: Instant(milliseconds: 1_700_000_000_000))
  let ids = IdentifierSource(time: time)
  return (0..<count).map { index in
    Envelope(
      id: ids.next(), name: name, version: 1, topic: .orders, time: time.now, tenant: nil, aggregate: "\(prefix):\(index % aggregates)",
      sequence: first + index / aggregates + 1, correlationID: nil, payload: RawJSON(bytes: Array(#"{"amount":\#(index),"note":"\#(filling)"}"#.utf8))
    )
  }
}

private let filling = String(repeating: "x", count: 200)
