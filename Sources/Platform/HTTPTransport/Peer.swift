import Discovery
import Kernel
import NIOCore
import NIOHPACK
import Resilience
import ServiceKit
import Synchronization

/// Another process as this one calls it: its connections, and how it has been answering.
final class Peer: Sendable {
  private struct Load {
    var outstanding = 0
    /// A moving average.
    var milliseconds = 0.0
    var sampledAt = Instant(milliseconds: 0)
  }

  let instance: Instance
  let breaker: CircuitBreaker
  private let lanes: [ConnectionLane]
  private let turn = Atomic<Int>(0)
  private let time: TimeSource
  private let load = Mutex(Load())
  private let health = Mutex(PeerHealth.up)

  init(_ instance: Instance, _ address: PeerAddress, loops: [any EventLoop], time: TimeSource) {
    self.instance = instance
    self.time = time
    breaker = CircuitBreaker("\(instance.services.joined(separator: ",")) at \(instance.address)", time: time)
    lanes = loops.map { ConnectionLane(address, on: $0) }
  }

  /// What its health check said last.
  var status: PeerHealth {
    get { health.withLock { $0 } }
    set { health.withLock { $0 = newValue } }
  }

  /// How long one more call would wait here, more or less: what stands before it times how long each takes.
  var cost: Double {
    let now = time.now
    return load.withLock { load in
      // Who was slow a while ago is forgiven, or nobody would ever see that it has become fast.
      let age = max(0, now.since(load.sampledAt).seconds)
      let milliseconds = max(0.2, load.milliseconds / (1 + age / 5))
      return Double(load.outstanding + 1) * milliseconds
    }
  }

  /// - Throws: `TransportFailure`; `Unavailable` while the breaker is open.
  func send(_ headers: HPACKHeaders, _ body: [UInt8], within limit: Duration) async throws -> PeerConnection.Response {
    load.withLock { $0.outstanding += 1 }
    let start = ContinuousClock.now
    defer {
      let taken = (ContinuousClock.now - start).milliseconds
      let now = time.now
      load.withLock { load in
        load.outstanding -= 1
        load.milliseconds += (taken - load.milliseconds) * 0.2
        load.sampledAt = now
      }
    }
    let lane = lanes[abs(turn.wrappingAdd(1, ordering: .relaxed).newValue % lanes.count)]
    return try await breaker.call(counts: { ($0 as? TransportFailure)?.isIllness ?? true }) {
      try await lane.send(headers, body, within: limit)
    }
  }

  /// Asks how the process is, past the breaker.
  func check(within limit: Duration) async -> PeerHealth {
    var headers = HPACKHeaders()
    headers.add(name: ":method", value: "GET")
    headers.add(name: ":scheme", value: "http")
    headers.add(name: ":path", value: "/health")
    headers.add(name: ":authority", value: "tiffin")
    guard let response = try? await lanes[0].send(headers, [], within: limit) else { return .down }
    return PeerHealth(response.body)
  }

  func close() { for lane in lanes { lane.close() } }
}

/// The connection of one event loop, opened anew when it is gone.
private final class ConnectionLane: Sendable {
  private struct State {
    var open: PeerConnection?
    var opening: EventLoopFuture<PeerConnection>?
    var isClosed = false
  }

  private let address: PeerAddress
  private let loop: any EventLoop
  private let state = Mutex(State())

  init(_ address: PeerAddress, on loop: any EventLoop) {
    self.address = address
    self.loop = loop
  }

  func send(_ headers: HPACKHeaders, _ body: [UInt8], within limit: Duration) async throws -> PeerConnection.Response {
    try await connection().send(headers, body, within: limit)
  }

  private func connection() async throws -> PeerConnection {
    let promise = loop.makePromise(of: PeerConnection.self)
    let (known, opening): (PeerConnection?, EventLoopFuture<PeerConnection>?) = state.withLock { state in
      if let open = state.open, open.isUsable { return (open, nil) }
      if let opening = state.opening { return (nil, opening) }
      state.opening = promise.futureResult
      return (nil, nil)
    }
    if let known {
      promise.succeed(known)
      return known
    }
    if let opening {
      promise.completeWith(opening)
      return try await opening.get()
    }
    PeerConnection.open(address, on: loop).whenComplete { [self] result in
      let isClosed = state.withLock { state in
        state.opening = nil
        state.open = try? result.get()
        return state.isClosed
      }
      if isClosed, case .success(let connection) = result { connection.close() }
      promise.completeWith(result)
    }
    return try await promise.futureResult.get()
  }

  func close() {
    let open = state.withLock { state in
      state.isClosed = true
      defer { state.open = nil }
      return state.open
    }
    open?.close()
  }
}
