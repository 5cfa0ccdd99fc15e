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
  private let client: WebClient
  private let open: OpenOrders
  private let time: TimeSource
  private let chance: DemoChance
  private let log: DemoLog
  private let state = Mutex(State())

  init(_ owner: DemoSession, _ client: WebClient, _ open: OpenOrders, _ time: TimeSource, seed: UInt64, _ log: DemoLog) {
    self.owner = owner
    self.client = client
    self.open = open
    self.time = time
    self.log = log
    chance = DemoChance(seed: seed, "kitchen \(owner.person.email)")
  }

  /// Works until cancelled.
  func run() async {
    var socket: LiveSocket?
    var sweepAt = time.now
    defer { socket?.close() }
    while !Task.isCancelled {
      if state.withLock({ $0.isLost }) { socket?.close(); socket = nil }
      if socket == nil { await log.attempt("opening a kitchen's socket") { socket = try await listen() } }
      if sweepAt <= time.now {
        sweepAt = time.now + chance.seconds(50, 70)
        await log.attempt("reading a kitchen's orders") { try await sweep() }
      }
      await doWhatIsDue()
      guard (try? await time.sleep(for: .seconds(1))) != nil else { return }
    }
  }

  private func listen() async throws -> LiveSocket? {
    guard let tenant = owner.tenantId else { return nil }
    state.withLock { $0.isLost = false }
    let socket = try await LiveSocket.open(client, token: try await owner.token()) { [self] event in
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
    state.withLock { $0.due[orderId] = next.map { ($0.0, time.now + $0.1) } }
    if ["delivered", "completed", "rejected", "cancelled"].contains(status) { open.remove(orderId) }
  }

  private func doWhatIsDue() async {
    let now = time.now
    let due = state.withLock { state in
      let due = state.due.filter { $0.value.at <= now }.sorted { $0.key < $1.key }
      for (orderId, _) in due { state.due[orderId] = nil }
      return due
    }
    for (orderId, step) in due {
      await log.attempt("cooking") {
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
