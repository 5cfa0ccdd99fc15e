import Messaging
import ServiceKit
import Simulation
import Synchronization
import Wire

/// Sends events over a bus to one subscriber of this process, and measures how many come through in a second: published, confirmed,
/// delivered and acknowledged, as a relay and a service do it, but without their databases.
final class BusLoad: Sendable {
  private struct State {
    var sentAt: [EventID: ContinuousClock.Instant] = [:]
    var unconfirmed = 0
    var milliseconds: [Double] = []
    var lastAt = ContinuousClock.now
  }

  // As a relay does it.
  private static let batch = 256
  private static let window = 8192
  /// What an order's event weighs, more or less.
  private static let payload = RawJSON(bytes: Array(#"{"note":"\#(String(repeating: "x", count: 600))"}"#.utf8))

  private let bus: any Bus
  private let seconds: Double
  private let time = Clock.machineTime()
  private let ids: IdentifierSource
  private let state = Mutex(State())

  init(_ bus: any Bus, seconds: Double) {
    self.bus = bus
    self.seconds = seconds
    ids = IdentifierSource(time: time)
  }

  /// - Throws: `Unavailable` when the broker is not there.
  func run() async throws -> LoadResult {
    bus.subscribe(
      Subscription("load", events: ["load.sent"], topics: [.orders]) { [self] batch, _, done in
        take(batch)
        for event in batch { done(event.id) }
      })
    try await bus.open()
    // Only when the first ones have come is the subscriber known to all: to join a group of Kafka's takes seconds.
    try await publish(from: 0)
    try await settle()
    state.withLock { $0.milliseconds = [] }
    let start = ContinuousClock.now
    let end = start.advanced(by: .seconds(seconds))
    var number = Self.batch
    while ContinuousClock.now < end {
      guard state.withLock({ $0.unconfirmed }) + Self.batch <= Self.window else {
        try await ContinuousClock().sleep(for: .milliseconds(1))
        continue
      }
      try await publish(from: number)
      number += Self.batch
    }
    try await settle()
    return state.withLock { state in
      LoadResult(
        "bus", connections: 1, seconds: start.duration(to: state.lastAt).seconds, milliseconds: state.milliseconds,
        errors: max(state.unconfirmed, state.sentAt.count), note: "\(bus.status.broker), \(Self.payload.bytes.count) bytes of payload each")
    }
  }

  /// Waits for what is on its way, half a minute at most.
  private func settle() async throws {
    let limit = ContinuousClock.now.advanced(by: .seconds(30))
    while state.withLock({ $0.unconfirmed + $0.sentAt.count }) > 0, ContinuousClock.now < limit {
      try await ContinuousClock().sleep(for: .milliseconds(5))
    }
  }

  private func publish(from number: Int) async throws {
    let events = (number..<number + Self.batch).map { number in
      Envelope(
        id: ids.next(), name: "load.sent", version: 1, topic: .orders, time: time.now, tenant: nil, aggregate: "load:\(number % 1000)",
        sequence: number / 1000 + 1, correlationID: nil, payload: Self.payload)
    }
    let now = ContinuousClock.now
    state.withLock { state in
      state.unconfirmed += events.count
      for event in events { state.sentAt[event.id] = now }
    }
    try await bus.publish(events, isRepeated: false) { [self] _ in confirmed() }
  }

  private func confirmed() {
    state.withLock { state in
      state.unconfirmed -= 1
      state.lastAt = .now
    }
  }

  private func take(_ batch: [Envelope]) {
    let now = ContinuousClock.now
    state.withLock { state in
      for event in batch {
        if let sentAt = state.sentAt.removeValue(forKey: event.id) { state.milliseconds.append(sentAt.duration(to: now).milliseconds) }
      }
      state.lastAt = now
    }
  }
}
