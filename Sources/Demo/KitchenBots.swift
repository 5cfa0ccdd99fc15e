import Kernel
import ServiceKit
import Synchronization
import WebClient
import Wire

/// The kitchens of one tenant: accept, cook, and hand out, prompted by the socket and, for what it missed, by the list of orders.
final class KitchenBot: Sendable {
  private struct State {
    /// The next step of each order in hand, and when.
    var due: [String: (status: String, at: Instant)] = [:]
    var isLost = false
  }

  private let owner: DemoSession
  private let town: DemoTown
  private let chance: DemoChance
  private let state = Mutex(State())

  init(_ owner: DemoSession, in town: DemoTown) {
    self.owner = owner
    self.town = town
    chance = DemoChance(seed: town.seed, "kitchen \(owner.person.email)")
  }

  /// Works until cancelled.
  func run() async {
    var socket: LiveSocket?
    var sweepAt = town.time.now
    defer { socket?.close() }
    while !Task.isCancelled {
      if state.withLock({ $0.isLost }) { socket?.close(); socket = nil }
      if socket == nil { await town.log.attempt("opening a kitchen's socket") { socket = try await listen() } }
      if sweepAt <= town.time.now {
        sweepAt = town.time.now + chance.seconds(50, 70)
        await town.log.attempt("reading a kitchen's orders") { try await sweep() }
      }
      await doWhatIsDue()
      guard (try? await town.time.sleep(for: .seconds(1))) != nil else { return }
    }
  }

  private func listen() async throws -> LiveSocket? {
    guard let tenant = owner.tenantId else { return nil }
    state.withLock { $0.isLost = false }
    let socket = try await LiveSocket.open(town.client, token: try await owner.token()) { [self] event in
      switch event {
      case .lost: state.withLock { $0.isLost = true }
      case .joined: break
      case .frame(let frame):
        guard frame.type == "order_update", let data = frame.data, let update = try? data.decoded(as: OrderFrame.self) else { return }
        note(update.orderId, update.status)
      }
    }
    try await socket.subscribe("tenant:\(tenant)")
    return socket
  }

  private func sweep() async throws {
    let orders: Page<DemoOrder> = try await owner.get("/api/orders?limit=50")
    for order in orders.items where state.withLock({ $0.due[order.id] == nil }) { note(order.id, order.status) }
  }

  /// Plans the step after a status.
  private func note(_ orderId: String, _ status: String) {
    let next: (String, Duration)? =
      switch status {
      case "pending": (chance.happens(2) ? "rejected" : "confirmed", chance.seconds(2, 6))
      case "confirmed": ("preparing", chance.seconds(1, 4))
      case "preparing": ("ready_for_pickup", chance.seconds(12, 40))
      case "ready_for_pickup": ("completed", chance.seconds(10, 40))
      default: nil
      }
    state.withLock { $0.due[orderId] = next.map { ($0.0, town.time.now + $0.1) } }
    if ["delivered", "completed", "rejected", "cancelled"].contains(status) { town.open.remove(orderId) }
  }

  private func doWhatIsDue() async {
    let now = town.time.now
    let due = state.withLock { state in
      let due = state.due.filter { $0.value.at <= now }.sorted { $0.key < $1.key }
      for (orderId, _) in due { state.due[orderId] = nil }
      return due
    }
    for (orderId, step) in due {
      await town.log.attempt("cooking") {
        if step.status == "completed" {
          // A delivery is the courier's from here.
          let order: DemoOrder = try await owner.get("/api/orders/\(orderId)")
          guard order.fulfilment != "delivery", order.status == "ready_for_pickup" else { return }
        }
        do {
          let order: DemoOrder = try await owner.send(.patch, "/api/orders/\(orderId)/status", StatusChange(status: step.status))
          note(orderId, order.status)
        } catch let problem as WebProblem where [404, 409, 412, 422].contains(problem.status) {
          return  // Cancelled meanwhile.
        }
      }
    }
  }
}
