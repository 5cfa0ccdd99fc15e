import Kernel
import Messaging
import OrderingAPI
import PaymentsAPI
import Persistence
import PricingAPI
import Sagas
import ServiceKit
import Wire

/// What the saga of one order carries from step to step.
@Wire struct Placement: Hashable, Sendable {
  var order: OrderRecord
  var choice: PaymentChoice
  /// Whose the idempotency key is, and the key; absent where the caller sent none.
  var scope: String?
  var idempotencyKey: String?
  /// The person whose cart was ordered, and is emptied.
  var cartOf: UserID?
  /// Why the order comes to nothing.
  var refusal: OrderRefusal?

  /// The order as it is answered and shown at first.
  var shown: Order { order.order(history: [placed]) }

  var placed: StatusChange { StatusChange(status: .pending, at: order.placedAt, by: .customer, byUserId: order.customerId) }
}

/// The answer kept under an idempotency key: the order or the refusal.
@Wire struct PlacementAnswer: Hashable, Sendable {
  var order: Order?
  var refusal: OrderRefusal?
}

/// Places an order so that a crash at any point ends in a visible, authorised order, or in no order and no hold.
///
/// `validate_order` and `create_order` have happened when the saga is recorded: the validated, hidden order and the saga are
/// one write. The last step is the second write; between them is nothing but the call to Payments.
struct PlaceOrderSaga: Sendable {
  let switchboard: Switchboard
  let store: OrderStore
  let carts: CartStore
  let outbox: Outbox
  let idempotency: Idempotency
  let deadline: AcceptDeadline
  /// How long an order waits for Payments to answer before it comes to nothing.
  let patience: Duration
  let time: TimeSource

  /// How many steps are done when the saga is recorded.
  static let stepsBegun = 2

  var saga: Saga<Placement> {
    Saga(
      "place_order",
      steps: [
        .init("validate_order", perform: { .init($0) }),
        .init("create_order", perform: { .init($0) }, compensate: { .init($0, commit: removal(of: $0)) }),
        .init("process_payment", perform: { .init(try await hold($0)) }, compensate: { .init(try await release($0)) }),
        .init("notify_restaurant", perform: { try show($0) }),
      ])
  }

  // MARK: process_payment

  private func hold(_ placement: Placement) async throws -> Placement {
    var placement = placement
    let order = placement.order
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
      _ = try await switchboard.callAsSystem(VoidPayment(orderId: placement.order.id, reason: placement.refusal?.code ?? "order_not_placed"))
    } catch {
      throw error.unavailable ?? Unavailable("the hold of order \(placement.order.id) could not be given up: \(error)")
    }
    return placement
  }

  // MARK: create_order, undone

  private func removal(of placement: Placement) -> @Sendable (any Transaction) throws -> Void {
    { transaction in
      try store.removeHidden(placement.order.id, in: transaction)
      guard let scope = placement.scope, let key = placement.idempotencyKey else { return }
      // A rule's refusal is the answer of this key for good; a fault of ours is not, and the key may be tried again.
      if let refusal = placement.refusal, refusal.kind != .unavailable {
        try idempotency.complete(scope: scope, key: key, reply: encode(PlacementAnswer(refusal: refusal)), in: transaction)
      } else {
        try idempotency.abandon(scope: scope, key: key, in: transaction)
      }
    }
  }

  // MARK: notify_restaurant

  private func show(_ placement: Placement) throws -> Saga<Placement>.Progress {
    if let refusal = placement.refusal { throw refusal }
    var placement = placement
    let capture = placement.order.capture
    let release = deadline.release(
      placedAt: time.now, wantedAt: capture.wantedAt, preparationMinutes: capture.preparationMinutes, travelMinutes: capture.travelMinutes)
    let end = deadline.end(from: release)
    placement.order.acceptBy = end
    placement.order.paymentStatus = placement.choice.method == .card ? .authorized : .pending
    return .init(placement) { [placement] transaction in
      // Shown by a run before this one: its events and its answer are written.
      guard try store.show(placement.order, dueAt: deadline.due(.remind, end: end), placement.placed, in: transaction) else { return }
      try outbox.publish(OrderCreated(order: placement.order.notice()), in: transaction)
      if let person = placement.cartOf { try carts.remove(.person(person), in: transaction) }
      if let scope = placement.scope, let key = placement.idempotencyKey {
        try idempotency.complete(scope: scope, key: key, reply: encode(PlacementAnswer(order: placement.shown)), in: transaction)
      }
    }
  }
}

extension OrderRefusal {
  static let declined = OrderRefusal("payment_declined", .ruled, "the payment was declined; try another card with a new key", path: "payment")
  static let paymentUnavailable = OrderRefusal("payment_unavailable", .unavailable, "payments cannot be taken now; nothing was charged", path: "payment")
}
