import DeliveryAPI
import Kernel
import OrderingAPI
import ServiceKit
import Synchronization
import WebClient
import Wire

/// A courier: online for the shift, takes every offer that the shift allows, rides by the instance's rules and tells where they are.
final class CourierBot: Sendable {
  private enum Event: Sendable {
    case offer(Offer)
    case update(DeliveryUpdate)
    case refetch, shiftOver
  }

  /// Where the courier is: on the way from one spot to another, or waiting.
  private struct Motion {
    var from: Instance.Spot
    var to: Instance.Spot
    var departure = 0.0
    var arrival = 0.0
    var isOnline = false
    var isRiding = false
  }

  let courier: Instance.Courier
  let session: Session
  private let live: LiveSocket
  private let desk: OrderDesk
  private let clock: DayClock
  private let map: CityMap
  private let rules: TravelRules
  private let kitchens: [String: Instance.Spot]
  private let events: AsyncStream<Event>
  private let tell: AsyncStream<Event>.Continuation
  private let motion: Mutex<Motion>
  private let codes: @Sendable (OrderDesk.Ticket, OrderID) async throws -> String?

  /// - Parameter codes: asks the customer at the door for the code.
  init(
    _ courier: Instance.Courier, _ session: Session, instance: Instance, desk: OrderDesk, clock: DayClock, map: CityMap,
    codes: @escaping @Sendable (OrderDesk.Ticket, OrderID) async throws -> String?
  ) async throws {
    self.courier = courier
    self.session = session
    self.desk = desk
    self.clock = clock
    self.map = map
    self.codes = codes
    rules = instance.rules
    kitchens = Dictionary(uniqueKeysWithValues: instance.restaurants.map { ($0.name, $0.spot) })
    motion = Mutex(Motion(from: courier.spot, to: courier.spot))
    let (stream, tell) = AsyncStream.makeStream(of: Event.self)
    events = stream
    self.tell = tell
    let watch = FrameWatch(subscriber: "courier \(courier.name)", notebook: session.notebook, clock: clock)
    let (notebook, user) = (session.notebook, session.user)
    live = try await session.listen(to: ["partner:\(user)"]) { event in
      _ = watch.take(event)
      switch event {
      case .frame(let frame) where frame.type == "delivery_offer":
        guard let offer: Offer = try? frame.data?.decoded() else { return notebook.note { $0.failed("socket:offer_unreadable") } }
        notebook.observe { $0.offered(user, offer.offerId, at: clock.time.now, expires: offer.expiresAt) }
        tell.yield(.offer(offer))
      case .frame(let frame) where frame.type == "delivery_update":
        guard let update: DeliveryUpdate = try? frame.data?.decoded() else { return }
        notebook.observe {
          if let offer = update.offerId { $0.closed(user, offer) }
          if DeliveryStatus.ended.contains(update.status) { $0.finished(user, update.deliveryId) }
        }
        tell.yield(.update(update))
      case .joined(_, "refetch", _):
        // Frames were missed: the offer that was open may have been withdrawn.
        notebook.observe { $0.missed(by: user) }
        tell.yield(.refetch)
      default: break
      }
    }
  }

  // MARK: The shift

  /// Works one shift, from on-time to off-time and the end of what was taken before.
  func work() async {
    do {
      try await clock.wait(until: Double(courier.onMinute))
      guard clock.minute < Double(courier.offMinute) else { return }
      motion.withLock { $0.isOnline = true }
      sendPosition()
      _ = try await session.ask(UpdatePartner(status: .available), .patch, "/api/delivery-partner")
      let bell = Task { [clock, tell, courier] in
        try await clock.wait(until: Double(courier.offMinute))
        tell.yield(.shiftOver)
      }
      defer { bell.cancel() }
      try await follow()
    } catch {
      if !(error is CancellationError) { session.notebook.failed("shift", error) }
    }
    motion.withLock { $0.isOnline = false }
  }

  private func follow() async throws {
    var spot = courier.spot
    var place = "0"
    var free = courier.onMinute
    var taken: Set<DeliveryID> = []
    // What is read again after missed frames was perhaps told before.
    var known: Set<OfferID> = []
    for await event in events {
      switch event {
      case .offer(let offer):
        guard known.insert(offer.offerId).inserted else { continue }
        if let trip = try await consider(offer, from: spot, free: free) {
          taken.insert(offer.deliveryId)
          (spot, place, free) = try await ride(trip.0, trip.1, trip.2, from: (spot, place))
        }
      case .update(let update):
        // Assigned by hand, without an offer.
        guard update.status == .assigned, update.deliveryPartnerId == session.user, taken.insert(update.deliveryId).inserted,
          let ticket = desk[update.orderId], let kitchen = kitchens[ticket.order.restaurant]
        else { continue }
        session.notebook.observe { $0.assigned(session.user, update.deliveryId, update.orderId) }
        let departure = max(free, Int(clock.minute.rounded(.up)))
        let trip = rules.trip(from: spot, departing: departure, to: ticket.order, at: kitchen)
        (spot, place, free) = try await ride(update.deliveryId, ticket, trip, from: (spot, place))
      case .refetch:
        for offer in try await session.get("/v1/partner/offers", as: Page<Offer>.self).items { tell.yield(.offer(offer)) }
      case .shiftOver:
        _ = try await session.ask(UpdatePartner(status: .offline), .patch, "/api/delivery-partner")
        return
      }
    }
  }

  /// Takes an offer, unless its pick-up would fall after the shift; answers what to ride.
  private func consider(_ offer: Offer, from spot: Instance.Spot, free: Int) async throws -> (DeliveryID, OrderDesk.Ticket, Trip)? {
    guard let ticket = await ticket(of: offer), let kitchen = kitchens[ticket.order.restaurant] else { return nil }
    session.notebook.note { $0.orders[ticket.order.name, default: .init()].offers += 1 }
    let departure = max(free, Int(clock.minute.rounded(.up)))
    let trip = rules.trip(from: spot, departing: departure, to: ticket.order, at: kitchen)
    do {
      if trip.pickup > courier.offMinute {
        session.notebook.note { $0.declinedOffers += 1 }
        // Noted before it is sent: the next offer may come before the answer to this.
        session.notebook.observe { $0.closed(session.user, offer.offerId) }
        _ = try await session.ask(DeclineOffer(offerId: offer.offerId), .post, "/v1/partner/offers/\(offer.offerId)/decline")
        return nil
      }
      _ = try await session.ask(AcceptOffer(offerId: offer.offerId), .post, "/v1/partner/offers/\(offer.offerId)/accept")
    } catch let problem as WebProblem {
      // Timed out or withdrawn in the same moment: counted, and the next offer comes.
      if problem.status < 500 { session.notebook.observe { $0.closed(session.user, offer.offerId) } }
      return nil
    }
    session.notebook.observe {
      $0.closed(session.user, offer.offerId)
      $0.assigned(session.user, offer.deliveryId, offer.orderId)
    }
    return (offer.deliveryId, ticket, trip)
  }

  /// The offer's order; the offer may come before the customer has heard of the order.
  private func ticket(of offer: Offer) async -> OrderDesk.Ticket? {
    for _ in 0..<100 {
      if let ticket = desk[offer.orderId] { return ticket }
      try? await ContinuousClock().sleep(for: .milliseconds(10))
    }
    session.notebook.note { $0.failed("offer:order_unheard_of") }
    return nil
  }

  // MARK: The way

  /// Brings one order, or leaves it where the server says that it ended.
  ///
  /// - Returns: where the courier stands then, the place's name, and from which minute they are free.
  private func ride(
    _ delivery: DeliveryID, _ ticket: OrderDesk.Ticket, _ trip: Trip, from start: (spot: Instance.Spot, place: String)
  ) async throws -> (Instance.Spot, String, Int) {
    let order = ticket.order
    let kitchen = kitchens[order.restaurant] ?? start.spot
    motion.withLock { $0.isRiding = true }
    defer { motion.withLock { $0.isRiding = false } }
    var isAtKitchen = false
    do {
      try await clock.wait(until: Double(trip.departure))
      try await go(start.spot, kitchen, trip.departure, trip.restaurantArrival)
      isAtKitchen = true
      try await step(delivery, .arrivedAtRestaurant)
      try await clock.wait(until: Double(trip.pickup))
      guard await ticket.ready.wait() else { throw Abandoned() }
      try await step(delivery, .pickedUp)
      try await clock.wait(until: Double(trip.restaurantDeparture))
      try await go(kitchen, order.spot, trip.restaurantDeparture, trip.doorArrival)
      try await step(delivery, .arrivedAtCustomer)
      try await clock.wait(until: Double(trip.dropoff))
      guard let id = await ticket.placed.wait() else { throw Abandoned() }
      let code = try await codes(ticket, id)
      // Noted before it is sent: the next offer may come before the answer to this.
      session.notebook.observe { $0.finished(session.user, delivery) }
      try await step(delivery, .delivered, code: code)
      session.notebook.note { $0.delivered(order, by: courier.name, from: start.place, trip: trip) }
      return (order.spot, order.name, trip.free)
    } catch {
      if error is CancellationError { throw error }
      session.notebook.note { $0.failed("ride:abandoned") }
      session.notebook.observe { $0.finished(session.user, delivery) }
      let minute = Int(clock.minute.rounded(.up))
      guard isAtKitchen else { return (start.spot, start.place, minute) }
      session.notebook.note {
        $0.legs[courier.name, default: []].append(.init(departure: trip.departure, origin: start.place, destination: order.restaurant))
      }
      return (kitchen, order.restaurant, minute)
    }
  }

  private struct Abandoned: Error {}

  private func go(_ from: Instance.Spot, _ to: Instance.Spot, _ departure: Int, _ arrival: Int) async throws {
    motion.withLock { motion in
      motion.from = from
      motion.to = to
      motion.departure = Double(departure)
      motion.arrival = Double(arrival)
    }
    try await clock.wait(until: Double(arrival))
  }

  private func step(_ delivery: DeliveryID, _ status: DeliveryStatus, code: String? = nil) async throws {
    _ = try await session.ask(
      UpdateDeliveryStatus(deliveryId: delivery, status: status, handOverCode: code), .put, "/api/deliveries/\(delivery)/status")
  }

  // MARK: The place

  @Wire struct PositionMessage {
    var type: String = "position"
    var data: GeoPoint
  }

  var isOnline: Bool { motion.withLock { $0.isOnline } }
  var isIdle: Bool { motion.withLock { $0.isOnline && !$0.isRiding } }

  /// Where the courier is now.
  var spot: Instance.Spot {
    let minute = clock.minute
    return motion.withLock { motion in
      let way = motion.arrival - motion.departure
      return CityMap.between(motion.from, motion.to, share: way <= 0 ? 1 : (minute - motion.departure) / way)
    }
  }

  /// Whether an order could be picked up within the shift by setting out now.
  func canTake(_ ticket: OrderDesk.Ticket) -> Bool {
    guard let kitchen = kitchens[ticket.order.restaurant] else { return false }
    let departure = Int(clock.minute.rounded(.up)) + 1
    return rules.trip(from: spot, departing: departure, to: ticket.order, at: kitchen).pickup <= courier.offMinute
  }

  /// Sends where the courier is now.
  func sendPosition() {
    if live.send(PositionMessage(data: map.point(spot))) { session.notebook.note { $0.positionsSent += 1 } }
  }

  func close() {
    live.close()
    tell.finish()
  }
}
