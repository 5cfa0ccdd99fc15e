import Kernel
import Messaging
import OrderingAPI
import PaymentsAPI
import Persistence
import PricingAPI
import Sagas
import ServiceKit
import Synchronization
import Wire

/// What the saga of one order carries from step to step; the order itself is in its row.
@Wire struct Placement: Hashable, Sendable {
  var orderId: OrderID
  var choice: PaymentChoice
  /// Whose the idempotency key is, and the key; absent where the caller sent none.
  var scope: String?
  var idempotencyKey: String?
  /// The person whose cart was ordered, and is emptied.
  var cartOf: UserID?
  /// Why the order comes to nothing.
  var refusal: OrderRefusal?
}

extension Placement {
  /// What is kept under the idempotency key from the start: the order, which has come about once it is visible.
  var promise: [UInt8] { encode(KeptAnswer(orderId: orderId)) }
}

/// What is kept under an idempotency key: the order, which can be told again as it was placed, or the refusal.
@Wire struct KeptAnswer: Hashable, Sendable {
  var orderId: OrderID?
  var refusal: OrderRefusal?
}

/// Places an order so that a crash at any point ends in a visible, authorised order, or in no order and no hold.
///
/// `validate_order` and `create_order` have happened when the saga is recorded: the validated, hidden order and the saga are
/// one write. The last step is the second write; between them is nothing but the call to Payments.
struct PlaceOrderSaga: Sendable {
  let switchboard: Switchboard
  let database: any Database
  let store: OrderStore
  let carts: CartStore
  let outbox: Outbox
  let idempotency: Idempotency
  let deadline: AcceptDeadline
  /// How long an order waits for Payments to answer before it comes to nothing.
  let patience: Duration
  let time: TimeSource
  let inHand = OrdersInHand()

  /// How many steps are done when the saga is recorded.
  static let stepsBegun = 2

  var saga: Saga<Placement> {
    Saga(
      "place_order",
      steps: [
        .init("validate_order", perform: { .init($0) }),
        .init("create_order", perform: { .init($0) }, compensate: { .init($0, commit: removal(of: $0)) }),
        .init("process_payment", perform: { .init(try await hold($0)) }, compensate: { .init(try await release($0)) }),
        .init("notify_restaurant", perform: { try await show($0) })
      ])
  }

  /// The hidden order: from memory on its first way, from its row after a restart.
  private func order(of placement: Placement) async throws -> OrderRecord {
    if let order = inHand.find(placement.orderId) { return order }
    let kept = try await database.read { try store.findHidden(placement.orderId, in: $0) }
    guard let kept else { throw CorruptRow("order \(placement.orderId) is being placed and has no row") }
    return kept
  }

  // MARK: process_payment

  private func hold(_ placement: Placement) async throws -> Placement {
    var placement = placement
    let order = try await order(of: placement)
    do throws(CallFailure<AuthorizePaymentRefusal>) {
      let held = try await switchboard.callAsSystem(
        AuthorizePayment(
          orderId: order.id, tenantId: order.tenantId, customerId: order.customerId, choice: placement.choice,
          currency: order.capture.price.currency, amount: order.capture.price.total))
      switch held.status {
      case .failed, .voided, .refunded: placement.refusal = .declined
      case .initiated, .authorized, .succeeded: break  // An unchanged state saves the write between this step and the last.
      }
    } catch {
      switch error {
      case .refused(.declined): placement.refusal = .declined
      case .refused(let refusal): placement.refusal = OrderRefusal(refusal.code, refusal.kind, refusal.detail, path: "payment")
      case .unavailable(let reason):
        guard time.now.since(order.placedAt) > patience else { throw reason }
        placement.refusal = .paymentUnavailable
      case .denied, .invalid, .failed: placement.refusal = .paymentUnavailable
      }
    }
    return placement
  }

  /// Gives up a hold that may have come about, whatever was answered.
  private func release(_ placement: Placement) async throws -> Placement {
    do throws(CallFailure<Never>) {
      _ = try await switchboard.callAsSystem(VoidPayment(orderId: placement.orderId, reason: placement.refusal?.code ?? "order_not_placed"))
    } catch {
      throw error.unavailable ?? Unavailable("the hold of order \(placement.orderId) could not be given up: \(error)")
    }
    return placement
  }

  // MARK: create_order, undone

  private func removal(of placement: Placement) -> @Sendable (any Transaction) throws -> Void {
    { transaction in
      try store.removeHidden(placement.orderId, in: transaction)
      guard let scope = placement.scope, let key = placement.idempotencyKey else { return }
      // A rule's refusal is the answer of this key for good; a fault of ours is not, and the key may be tried again.
      if let refusal = placement.refusal, refusal.kind != .unavailable {
        try idempotency.complete(scope: scope, key: key, reply: encode(KeptAnswer(refusal: refusal)), in: transaction)
      } else {
        try idempotency.abandon(scope: scope, key: key, promise: placement.promise, in: transaction)
      }
    }
  }

  // MARK: notify_restaurant

  private func show(_ placement: Placement) async throws -> Saga<Placement>.Progress {
    if let refusal = placement.refusal { throw refusal }
    var order = try await order(of: placement)
    order.paymentStatus = placement.choice.method == .card ? .authorized : .pending
    let now = time.now
    var due: Instant?
    if deadline.isUsedUp(now.since(order.placedAt)) {
      let end = deadline.end(of: order.capture, from: now)
      order.acceptBy = end
      due = deadline.due(.remind, end: end)
    }
    inHand.put(order)
    let letter = outbox.letter(OrderCreated(order: order.notice()))
    return .init(placement) { [order, due] transaction in
      // Shown by a run before this one: its events and its answer are written.
      guard try store.show(order, due: due, order.placed, in: transaction) else { return }
      try outbox.post(letter, in: transaction)
      if let person = placement.cartOf { try carts.remove(.person(person), in: transaction) }
    }
  }
}

/// The orders that this process is placing, so that their rows need not be read to go on.
final class OrdersInHand: Sendable {
  private let orders = Mutex<[OrderID: OrderRecord]>([:])

  func find(_ id: OrderID) -> OrderRecord? { orders.withLock { $0[id] } }
  /// Replaces an order in hand; one that is not is being gone on with after a restart, and stays out.
  func put(_ order: OrderRecord) { orders.withLock { if $0[order.id] != nil { $0[order.id] = order } } }
  func take(up order: OrderRecord) { orders.withLock { $0[order.id] = order } }
  @discardableResult
  func drop(_ id: OrderID) -> OrderRecord? { orders.withLock { $0.removeValue(forKey: id) } }
}

extension OrderRefusal {
  static let declined = OrderRefusal("payment_declined", .ruled, "the payment was declined; try another card with a new key", path: "payment")
  static let paymentUnavailable = OrderRefusal(
    "payment_unavailable", .unavailable, "payments cannot be taken now; nothing was charged", path: "payment")
}
