import DeliveryAPI
import Foundation
import IdentityAPI
import Kernel
import ServiceKit
import Synchronization
import WebClient
import Wire

extension LoadRun {
  /// Couriers' sockets that send positions as fast as the server takes them.
  ///
  /// A `ping` follows each stretch of positions; its `pong` comes when the server has taken all before it, and only then are they
  /// counted and more are sent, so that no more than two stretches a socket are under way.
  func positions() async throws -> LoadResult {
    let stretch = 64
    let couriers = try await inParallel(Array(0..<connections)) { number -> Session in
      let (session, _) = try await builder.register("rider\(number)", role: .deliveryPartner)
      _ = try await session.ask(RegisterPartner(vehicleType: .bicycle), .post, "/api/delivery-partner")
      _ = try await session.ask(UpdatePartner(status: .available), .patch, "/api/delivery-partner")
      return session
    }
    let meter = Meter()
    let first = try await DayClock.time(of: client).time.now.milliseconds - 6 * 3_600_000
    let riders = try await inParallel(couriers) { session -> Rider in
      let rider = Rider(stretch: stretch, firstMillisecond: first, meter: meter)
      let socket = try await client.socket(
        token: session.token,
        WebSocket.Events(text: { rider.take($0) }, closed: { _ in meter.failed() }))
      rider.use(socket)
      return rider
    }
    let start = ContinuousClock.now
    for rider in riders { rider.begin() }
    try await ContinuousClock().sleep(for: .milliseconds(Int(seconds * 1000)))
    let taken = start.duration(to: .now).seconds
    let (count, times, errors) = meter.result
    for rider in riders { rider.end() }
    return LoadResult(
      "positions", connections: connections, seconds: taken, milliseconds: times, count: count, errors: errors,
      note: "times are of \(stretch) positions and the answer after them")
  }

  /// Counts for all riders.
  final class Meter: Sendable {
    private struct State {
      var count = 0
      var errors = 0
      var isOver = false
      var milliseconds: [Double] = []
    }
    private let state = Mutex(State())

    func took(_ count: Int, _ milliseconds: Double) {
      state.withLock {
        $0.count += count
        $0.milliseconds.append(milliseconds)
      }
    }
    func failed() { state.withLock { if !$0.isOver { $0.errors += 1 } } }
    var result: (Int, [Double], Int) {
      state.withLock {
        $0.isOver = true
        return ($0.count, $0.milliseconds, $0.errors)
      }
    }
  }

  /// One courier's socket.
  final class Rider: Sendable {
    private struct State {
      var socket: WebSocket?
      var step = 0
      var sentAt: [ContinuousClock.Instant] = []
      var isOver = false
    }
    private let state = Mutex(State())
    private let stretch: Int
    private let firstMillisecond: Int
    private let meter: Meter
    private static let ping = Array(#"{"type":"ping"}"#.utf8)

    /// - Parameter firstMillisecond: so far back that the times of the positions stay behind the clock.
    init(stretch: Int, firstMillisecond: Int, meter: Meter) {
      self.firstMillisecond = firstMillisecond
      self.stretch = stretch
      self.meter = meter
    }

    func use(_ socket: WebSocket) { state.withLock { $0.socket = socket } }

    func begin() {
      sendStretch()
      sendStretch()
    }

    func end() {
      let socket = state.withLock { state -> WebSocket? in
        state.isOver = true
        return state.socket
      }
      socket?.close()
    }

    func take(_ bytes: UnsafeRawBufferPointer) {
      guard let frame = try? decode(LiveFrame.self, from: bytes) else { return }
      switch frame.type {
      case "pong":
        let sentAt = state.withLock { $0.sentAt.isEmpty ? nil : $0.sentAt.removeFirst() }
        if let sentAt { meter.took(stretch, sentAt.duration(to: .now).milliseconds) }
        sendStretch()
      case "error": meter.failed()
      default: break
      }
    }

    private func sendStretch() {
      let (socket, step) = state.withLock { state -> (WebSocket?, Int) in
        guard !state.isOver else { return (nil, 0) }
        state.sentAt.append(.now)
        state.step += stretch
        return (state.socket, state.step)
      }
      guard let socket else { return }
      for number in 0..<stretch { socket.queue(message(step + number)) }
      socket.send(Self.ping)
    }

    /// A point and a time that differ each time, for a position that is not newer than the last is passed over; written by hand, for the generator's cost stands beside the server's on the same cores.
    private func message(_ step: Int) -> [UInt8] {
      var writer = JSONWriter(capacity: 128)
      writer.raw(#"{"type":"position","data":{"latitude":40.7"#)
      writer.integer(10000 + step % 80000)
      writer.raw(#","longitude":-73.9"#)
      writer.integer(10000 + step * 7 % 80000)
      writer.raw(#","recordedAt":"#)
      Instant(milliseconds: firstMillisecond + step).write(to: &writer)
      writer.raw("}}")
      return writer.withBytes { Array($0) }
    }
  }
}
