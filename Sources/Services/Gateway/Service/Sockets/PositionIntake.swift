import DeliveryAPI
import Kernel
import Observability
import ServiceKit
import Synchronization
import WebServer

/// Carries positions from the sockets of one event loop to Delivery.
///
/// One task serves all that has come, one after the other: a message costs no task of its own, and a partner's positions stay in order.
final class PositionIntake: Sendable {
  struct Item: Sendable {
    let caller: Caller
    /// Absent for a ping, which is answered when all before it are taken.
    let positions: RecordPositions?
    let socket: Socket
  }

  private struct State {
    var items: [Item] = []
    var isServing = false
  }

  /// Messages that may wait; what comes above it is dropped, for the next position makes up for it.
  private static let maximumWaiting = 100_000
  static let pong = Array(#"{"type":"pong"}"#.utf8)
  private let state = Mutex(State())
  private let switchboard: Switchboard
  private let dropped = Metrics.counter("positions_dropped_total", help: "Position messages dropped because too many waited")

  init(switchboard: Switchboard) { self.switchboard = switchboard }

  /// Queues a message; answers whether the caller must start `serve`.
  func put(_ item: Item) -> Bool {
    state.withLock { state in
      guard state.items.count < Self.maximumWaiting else { dropped.increment(); return false }
      state.items.append(item)
      defer { state.isServing = true }
      return !state.isServing
    }
  }

  /// Queues the answer to a ping behind the positions that wait; answers false when none do.
  func putPing(_ socket: Socket) -> Bool {
    state.withLock { state in
      guard state.isServing else { return false }
      state.items.append(Item(caller: .anonymous, positions: nil, socket: socket))
      return true
    }
  }

  /// Serves until nothing waits.
  func serve() async {
    while true {
      let items = state.withLock { state in
        defer { state.items = [] }
        if state.items.isEmpty { state.isServing = false }
        return state.items
      }
      if items.isEmpty { return }
      for item in items {
        guard let positions = item.positions else { item.socket.deliver(Self.pong); continue }
        let problem = await Caller.$current.withValue(item.caller) { await record(positions) }
        if let problem { item.socket.deliver(errorFrame(problem, correlationID: item.socket.correlationID)) }
      }
    }
  }

  private func record(_ positions: RecordPositions) async -> Problem? {
    do throws(CallFailure<PartnerRefusal>) {
      _ = try await switchboard.call(positions)
      return nil
    } catch { return Problem(error) }
  }
}
