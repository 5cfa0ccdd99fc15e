import Kernel
import ServiceKit
import Synchronization
import WebClient
import Wire

/// One courier: online, somewhere, takes most offers, rides in straight lines and tells where it is.
final class CourierBot: Sendable {
  private struct State {
    var offer: OfferFrame?
    var isLost = false
  }

  /// What the courier is doing; only `run` touches it.
  private enum Errand {
    case wandering(to: GeoPoint)
    case fetching(DemoDelivery)
    case waiting(DemoDelivery)
    case bringing(DemoDelivery)
  }

  /// Fast for a bicycle: a demo day passes quicker than a real one.
  private static let metersPerSecond = 24.0
  private static let strollMetersPerSecond = 3.0
  private static let tick = Duration.seconds(2)

  private let session: DemoSession
  private let town: DemoTown
  private let chance: DemoChance
  private let state = Mutex(State())

  init(_ session: DemoSession, in town: DemoTown) {
    self.session = session
    self.town = town
    chance = DemoChance(seed: town.seed, "courier \(session.person.email)")
  }

  /// Rides until cancelled.
  func run() async {
    var socket: LiveSocket?
    var partnerId: String?
    var place = Saltmere.door(chance).point
    var errand = Errand.wandering(to: Saltmere.door(chance).point)
    var looksAgainAt = town.time.now
    defer { socket?.close() }
    while !Task.isCancelled {
      if partnerId == nil { await town.log.attempt("starting a courier's day") { partnerId = try await startDay() } }
      if state.withLock({ $0.isLost }) { socket?.close(); socket = nil }
      if socket == nil, let partnerId {
        await town.log.attempt("opening a courier's socket") { socket = try await listen(partnerId) }
        if socket != nil { socket?.send(PositionMessage(type: "position", data: place)) }
      }
      if case .wandering = errand, looksAgainAt <= town.time.now {
        // What was assigned by hand, or before a restart, comes by no offer.
        looksAgainAt = town.time.now + chance.seconds(25, 35)
        await town.log.attempt("reading a courier's deliveries") { if let own = try await unfinished() { errand = own } }
      }
      await town.log.attempt("riding") { try await step(&errand, &place, socket) }
      guard (try? await town.time.sleep(for: Self.tick)) != nil else { return }
    }
  }

  private func startDay() async throws -> String {
    let partner: Identified
    do {
      partner = try await session.get("/api/delivery-partner")
    } catch let problem as WebProblem where problem.status == 404 {
      let profile = NewPartner(
        vehicleType: chance.pick(["bicycle", "bicycle", "scooter", "car"]), name: "\(session.person.firstName) \(session.person.lastName)")
      partner = try await session.send(.post, "/api/delivery-partner", profile)
    }
    try await session.tell(.patch, "/api/delivery-partner", StatusChange(status: "available"))
    return partner.id
  }

  private func listen(_ partnerId: String) async throws -> LiveSocket {
    state.withLock { $0.isLost = false }
    let socket = try await LiveSocket.open(town.client, token: try await session.token()) { [self] event in
      switch event {
      case .lost: state.withLock { $0.isLost = true }
      case .joined: break
      case .frame(let frame):
        guard frame.type == "delivery_offer", let data = frame.data, let offer = try? data.decoded(as: OfferFrame.self) else { return }
        state.withLock { $0.offer = offer }
      }
    }
    try await socket.subscribe("partner:\(partnerId)")
    return socket
  }

  private func unfinished() async throws -> Errand? {
    let own: Page<DemoDelivery> = try await session.get("/api/deliveries?limit=5")
    for delivery in own.items {
      switch delivery.status {
      case "assigned": return .fetching(delivery)
      case "arrived_at_restaurant": return .waiting(delivery)
      case "picked_up", "arrived_at_customer": return .bringing(delivery)
      default: continue
      }
    }
    return nil
  }

  /// One tick of the courier's day.
  private func step(_ errand: inout Errand, _ place: inout GeoPoint, _ socket: LiveSocket?) async throws {
    switch errand {
    case .wandering(let goal):
      if let offer = state.withLock({ state in
        defer { state.offer = nil }; return state.offer
      }) {
        if let taken = try await answer(offer) { errand = .fetching(taken) }
        return
      }
      let arrived = move(&place, to: goal, metersPerSecond: Self.strollMetersPerSecond)
      if arrived { errand = .wandering(to: Saltmere.door(chance).point) }
      // Somebody who only waits tells so every few seconds.
      if chance.happens(40) { socket?.send(PositionMessage(type: "position", data: place)) }
    case .fetching(let delivery):
      let arrived = move(&place, to: delivery.restaurantPoint, metersPerSecond: Self.metersPerSecond)
      socket?.send(PositionMessage(type: "position", data: place))
      if arrived { errand = try await report(delivery, "arrived_at_restaurant") ? .waiting(delivery) : pause() }
    case .waiting(let delivery):
      socket?.send(PositionMessage(type: "position", data: place))
      let now: DemoDelivery = try await session.get("/api/deliveries/\(delivery.id)")
      guard now.status == "arrived_at_restaurant" || now.status == "assigned" else {
        errand = now.status == "picked_up" ? .bringing(now) : pause()
        return
      }
      let order: DemoTracking = try await session.get("/api/tracking/\(delivery.orderId)")
      guard order.status == "ready_for_pickup" else { return }
      if try await report(delivery, "picked_up") { errand = .bringing(delivery) }
    case .bringing(let delivery):
      let arrived = move(&place, to: delivery.customerPoint ?? place, metersPerSecond: Self.metersPerSecond)
      socket?.send(PositionMessage(type: "position", data: place))
      if arrived {
        _ = try await report(delivery, "arrived_at_customer")
        try await handOver(delivery)
        errand = pause()
      }
    }
  }

  private func pause() -> Errand { .wandering(to: Saltmere.door(chance).point) }

  private func answer(_ offer: OfferFrame) async throws -> DemoDelivery? {
    try await town.time.sleep(for: chance.seconds(0.5, 2.5))
    do {
      if chance.happens(7) {
        try await session.tell(.post, "/v1/partner/offers/\(offer.offerId)/decline", Reason(reason: "Too far"))
        return nil
      }
      try await session.tell(.post, "/v1/partner/offers/\(offer.offerId)/accept", Nothing())
    } catch let problem as WebProblem where [404, 409, 422].contains(problem.status) {
      return nil  // Somebody else has it, or it was withdrawn.
    }
    return try await session.get("/api/deliveries/\(offer.deliveryId)")
  }

  /// Tells a step of the delivery.
  ///
  /// - Returns: whether the server took it.
  private func report(_ delivery: DemoDelivery, _ status: String, code: String? = nil, reason: String? = nil) async throws -> Bool {
    do {
      try await session.tell(.put, "/api/deliveries/\(delivery.id)/status", DeliveryChange(status: status, handOverCode: code, reason: reason))
      return true
    } catch let problem as WebProblem where [404, 409, 412, 422].contains(problem.status) {
      return false
    }
  }

  /// The customer at the door says the code.
  private func handOver(_ delivery: DemoDelivery) async throws {
    let tracking: DemoTracking? = try await town.open.customer(of: delivery.orderId)?.get("/api/tracking/\(delivery.orderId)")
    if try await report(delivery, "delivered", code: tracking?.handOverCode) {
      town.open.remove(delivery.orderId)
    } else {
      _ = try await report(delivery, "failed", reason: "customer_unreachable")
    }
  }

  /// - Returns: whether the goal is reached.
  private func move(_ place: inout GeoPoint, to goal: GeoPoint, metersPerSecond: Double) -> Bool {
    let left = place.distanceMeters(to: goal)
    let reach = metersPerSecond * Self.tick.seconds
    guard left > reach else {
      place = goal
      return true
    }
    let share = reach / left
    place = GeoPoint(
      latitude: place.latitude + (goal.latitude - place.latitude) * share,
      longitude: place.longitude + (goal.longitude - place.longitude) * share)
    return false
  }
}

@Wire struct Nothing {}
