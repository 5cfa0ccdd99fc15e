import CatalogAPI
import Kernel
import OrderingAPI
import Persistence
import PricingAPI
import Sagas
import ServiceKit
import Wire

/// Answers `PlaceOrder`: quotes, prices, then runs the saga; the same key with the same request is worked on once.
struct PlaceOrderHandler: Sendable {
  let switchboard: Switchboard
  let database: any Database
  let runner: SagaRunner
  let placing: PlaceOrderSaga
  /// Its steps, made once.
  let saga: Saga<Placement>
  let ids: IdentifierSource
  let time: TimeSource
  /// How far a courier comes in a minute, for the estimate.
  let travelMetersPerMinute: Int
  let flights = PlacementFlights()

  /// An idempotency key, whose it is, and the request that it names.
  struct Key: Hashable, Sendable {
    var scope: String
    var text: String
    var hash: String
  }

  func callAsFunction(_ request: PlaceOrder) async throws -> Order {
    guard let customer = Caller.current.user else { throw Denial.notSignedIn }
    guard let text = request.idempotencyKey else { return try await place(request, for: customer, key: nil) }
    var bare = request
    bare.idempotencyKey = nil
    let key = Key(scope: "user:\(customer)", text: text, hash: Idempotency.hash(of: bare))
    let (answer, isReplay) = try await flights.fly(key) { try await attempt(request, for: customer, key: key) }
    if isReplay { CallContext.remarks?.markReplay() }
    return try answer.get()
  }

  /// Places the order, or finds what was answered under the key before.
  private func attempt(_ request: PlaceOrder, for customer: UserID, key: Key) async throws -> (PlacementFlights.Answer, isReplay: Bool) {
    do {
      return (.success(try await place(request, for: customer, key: key)), false)
    } catch let taken as KeyTaken {
      return (try await answer(kept: taken.known), true)
    } catch  where error is OrderRefusal || error is InvalidInput {
      // What refuses the order now may not have refused it then: the dish is gone, the cart is empty since it was ordered.
      let known = try await database.read { try placing.idempotency.look(scope: key.scope, key: key.text, hash: key.hash, in: $0) }
      if known == .new { throw error }
      let answer = try await answer(kept: known)
      // Only the payment's refusals are kept, and one that came just now was kept by this attempt.
      if case .failure(let refusal) = answer { return (answer, isReplay: refusal != error as? OrderRefusal) }
      return (answer, isReplay: true)
    }
  }

  /// What was answered under a key.
  private func answer(kept known: Idempotency.Begun) async throws -> PlacementFlights.Answer {
    switch known {
    case .done(let bytes):
      let kept = try decode(KeptAnswer.self, from: bytes)
      if let refusal = kept.refusal { return .failure(refusal) }
      let order = try await database.read { transaction in try kept.orderId.flatMap { try placing.store.find($0, in: transaction) } }
      guard let order else { throw Self.stillPlacing }
      return .success(order.asPlaced)
    case .conflict: throw OrderRefusal.idempotencyConflict
    case .inProgress, .new: throw Self.stillPlacing
    }
  }

  private static let stillPlacing = Unavailable("the first request with this idempotency key is still being worked on", retryAfterSeconds: 2)

  private func place(_ request: PlaceOrder, for customer: UserID, key: Key?) async throws -> Order {
    try Self.check(request, now: time.now)
    let (restaurantId, items) = try await wanted(request, by: customer)
    let quote = try await quote(request, restaurantId, items)
    let price = try await price(request, quote)
    if let expected = request.expectedTotal, Money(expected, price.currency) != Money(price.total, price.currency) {
      throw OrderRefusal.priceChanged(now: price.total, price.currency)
    }
    let order = record(request, quote: quote, price: price, customer: customer)
    let placement = Placement(
      orderId: order.id, choice: request.payment, scope: key?.scope, idempotencyKey: key?.text, cartOf: request.fromCart ? customer : nil)
    placing.inHand.take(up: order)
    defer { placing.inHand.drop(order.id) }
    let rows = OrderStore.HiddenRows(order, due: placing.deadline.due(.remind, end: order.acceptBy ?? order.placedAt))
    let promise = key == nil ? nil : placement.promise
    let outcome = try await runner.run(saga, id: order.id.description, state: placement, done: PlaceOrderSaga.stepsBegun) { transaction in
      if let key {
        let begun = try placing.idempotency.begin(scope: key.scope, key: key.text, hash: key.hash, promise: promise, in: transaction)
        if begun != .new { throw KeyTaken(known: begun) }
      }
      try placing.store.insert(rows, in: transaction)
    }
    switch outcome {
    case .finished: return (placing.inHand.find(order.id) ?? order).asPlaced
    case .undone(let state, let reason): throw state.refusal ?? reason
    case .waiting:
      throw Unavailable("the payment is not answered yet; ask again with the same idempotency key", retryAfterSeconds: 2)
    }
  }

  private func wanted(_ request: PlaceOrder, by customer: UserID) async throws -> (RestaurantID, [WantedItem]) {
    guard request.fromCart else {
      guard let restaurantId = request.restaurantId else { throw InvalidInput([Fault(path: "restaurantId", message: "is required")]) }
      return (restaurantId, request.items)
    }
    let cart = try await database.read { try placing.carts.find(.person(customer), in: $0) }
    guard let cart, let restaurantId = cart.restaurantId, !cart.entries.isEmpty else { throw OrderRefusal.cartEmpty }
    return (restaurantId, cart.entries.map(\.wanted))
  }

  private func quote(_ request: PlaceOrder, _ restaurantId: RestaurantID, _ items: [WantedItem]) async throws -> ItemsQuote {
    do throws(CallFailure<QuoteItemsRefusal>) {
      return try await switchboard.callAsSystem(
        QuoteItems(restaurantId: restaurantId, items: items, fulfilment: request.fulfilment, wantedAt: request.wantedAt))
    } catch {
      switch error {
      case .refused(let refusal): throw OrderRefusal(refusal.code, refusal.kind, refusal.message, path: refusal.path)
      case .invalid(let faults): throw faults
      default: throw error
      }
    }
  }

  private func price(_ request: PlaceOrder, _ quote: ItemsQuote) async throws -> PriceBreakdown {
    do throws(CallFailure<PriceOrderRefusal>) {
      return try await switchboard.callAsSystem(
        PriceOrder(
          terms: quote.terms, items: quote.items, fulfilment: request.fulfilment,
          deliveryPoint: request.fulfilment == .delivery ? request.deliveryAddress?.point : nil, tip: request.tip))
    } catch {
      switch error {
      case .refused(let refusal): throw OrderRefusal(refusal.code, refusal.kind, refusal.message, path: refusal.path)
      case .invalid(let faults): throw faults
      default: throw error
      }
    }
  }

  private func record(_ request: PlaceOrder, quote: ItemsQuote, price: PriceBreakdown, customer: UserID) -> OrderRecord {
    let now = time.now
    let terms = quote.terms
    var travelMinutes = 0
    if request.fulfilment == .delivery, let door = request.deliveryAddress?.point {
      let meters = price.distanceMeters ?? Int(terms.point.distanceMeters(to: door))
      travelMinutes = (meters + travelMetersPerMinute - 1) / travelMetersPerMinute
    }
    let capture = OrderCapture(
      restaurantName: terms.name, restaurantAddress: terms.address, restaurantPoint: terms.point,
      preparationMinutes: terms.preparationMinutes, travelMinutes: travelMinutes, items: quote.items, price: price,
      deliveryAddress: request.fulfilment == .delivery ? request.deliveryAddress : nil, specialInstructions: request.specialInstructions,
      wantedAt: request.wantedAt)
    return OrderRecord(
      id: ids.next(), version: 1, status: .pending, tenantId: terms.tenantId, restaurantId: terms.restaurantId, customerId: customer,
      fulfilment: request.fulfilment, paymentMethod: request.payment.method, paymentStatus: .pending,
      capture: capture, acceptBy: placing.deadline.end(of: capture, from: now),
      estimatedDeliveryTime: capture.firstEstimate(placedAt: now), placedAt: now, updatedAt: now)
  }

  /// Throws everything that is wrong with the request by itself.
  static func check(_ request: PlaceOrder, now: Instant) throws {
    var faults: [Fault] = []
    func find(_ path: String, _ message: String) { faults.append(Fault(path: path, message: message)) }
    if !request.fromCart {
      if request.restaurantId == nil { find("restaurantId", "is required") }
      if request.items.isEmpty { find("items", "must not be empty") }
    } else if !request.items.isEmpty {
      find("items", "must be absent when the cart is ordered")
    }
    if request.fulfilment == .delivery, request.deliveryAddress == nil { find("deliveryAddress", "is required for a delivery") }
    if request.payment.method == .card, request.payment.cardToken == nil { find("payment.cardToken", "is required for a card") }
    if let tip = request.tip, tip.units < 0 { find("tip", "must not be negative") }
    if let wantedAt = request.wantedAt {
      if wantedAt < now - .seconds(60) { find("wantedAt", "must not be in the past") }
      if wantedAt > now + .seconds(7 * 86_400) { find("wantedAt", "must be within seven days") }
    }
    if !faults.isEmpty { throw InvalidInput(faults) }
    if request.couponCode != nil { throw OrderRefusal.couponUnknown }
  }
}

/// The idempotency key was used before; undoes the write that found it.
struct KeyTaken: Error {
  let known: Idempotency.Begun
}
