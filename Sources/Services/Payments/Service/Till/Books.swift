import Kernel
import Messaging
import OrderingAPI
import PaymentsAPI
import Persistence
import ServiceKit

/// Writes what became of a payment: its row, its ledger and its event, all or none.
struct Books: Sendable {
  let payments = PaymentStore()
  let ledger = LedgerStore()
  let refunds = RefundStore()
  let outbox: Outbox

  init(outbox: Outbox) { self.outbox = outbox }

  /// Adds a payment as it starts; answers false, changing nothing, when there is something on file for its order.
  func open(_ payment: Payment, in transaction: any Transaction) throws -> Bool {
    guard try payments.insert(payment, in: transaction) else { return false }
    switch payment.status {
    case .initiated: try outbox.publish(PaymentInitiated(payment: notice(payment, payment.amount)), in: transaction)
    case .authorized: try recordHold(payment, at: payment.createdAt, in: transaction)
    case .failed: try outbox.publish(PaymentFailed(payment: notice(payment, payment.amount, payment.reason)), in: transaction)
    case .succeeded, .voided, .refunded: break
    }
    return true
  }

  /// Each answers false, changing nothing, when somebody else moved the payment on before.
  func authorize(_ payment: Payment, at now: Instant, in transaction: any Transaction) throws -> Bool {
    guard try payments.move(payment, to: .authorized, at: now, in: transaction) else { return false }
    try recordHold(payment, at: now, in: transaction)
    return true
  }

  func capture(_ money: Money, of payment: Payment, reason: String?, at now: Instant, in transaction: any Transaction) throws -> Bool {
    guard try payments.move(payment, to: .succeeded, captured: money, reason: reason, at: now, in: transaction) else { return false }
    if money.units > 0 { try ledger.append(.capture(money, ofHeld: payment.amount), of: payment, at: now, in: transaction) }
    try outbox.publish(PaymentSucceeded(payment: notice(payment, money, reason, as: .succeeded)), in: transaction)
    return true
  }

  func takeCash(of payment: Payment, at now: Instant, in transaction: any Transaction) throws -> Bool {
    guard try payments.move(payment, to: .succeeded, captured: payment.amount, at: now, in: transaction) else { return false }
    if payment.amount.units > 0 { try ledger.append(.cash(payment.amount), of: payment, at: now, in: transaction) }
    try outbox.publish(PaymentSucceeded(payment: notice(payment, payment.amount, as: .succeeded)), in: transaction)
    return true
  }

  func void(_ payment: Payment, reason: String, at now: Instant, in transaction: any Transaction) throws -> Bool {
    guard try payments.move(payment, to: .voided, reason: reason, at: now, in: transaction) else { return false }
    try releaseHold(payment, at: now, in: transaction)
    try outbox.publish(PaymentVoided(payment: notice(payment, payment.amount, reason, as: .voided)), in: transaction)
    return true
  }

  func fail(_ payment: Payment, reason: String, at now: Instant, in transaction: any Transaction) throws -> Bool {
    guard try payments.move(payment, to: .failed, reason: reason, at: now, in: transaction) else { return false }
    try releaseHold(payment, at: now, in: transaction)
    try outbox.publish(PaymentFailed(payment: notice(payment, payment.amount, reason, as: .failed)), in: transaction)
    return true
  }

  /// Ends a refund that was reserved and that the provider has done.
  func conclude(_ refund: Refund, of payment: Payment, at now: Instant, in transaction: any Transaction) throws -> Bool {
    guard try refunds.markDone(refund.id, at: now, in: transaction) else { return false }
    try ledger.append(.refund(refund.amount, paidBy: payment.method, number: refund.number), of: payment, at: now, in: transaction)
    try payments.concludeRefund(of: payment.id, at: now, in: transaction)
    let isWhole = payment.refunded == payment.captured
    try outbox.publish(
      PaymentRefunded(payment: notice(payment, refund.amount, refund.reason, as: isWhole ? .refunded : .succeeded)), in: transaction)
    return true
  }

  private func recordHold(_ payment: Payment, at now: Instant, in transaction: any Transaction) throws {
    if payment.isHeldByProvider { try ledger.append(.hold(payment.amount), of: payment, at: now, in: transaction) }
    try outbox.publish(PaymentAuthorized(payment: notice(payment, payment.amount, as: .authorized)), in: transaction)
  }

  private func releaseHold(_ payment: Payment, at now: Instant, in transaction: any Transaction) throws {
    guard payment.status == .authorized, payment.isHeldByProvider else { return }
    try ledger.append(.void(payment.amount), of: payment, at: now, in: transaction)
  }

  private func notice(_ payment: Payment, _ money: Money, _ reason: String? = nil, as status: PaymentStatus? = nil) -> PaymentNotice {
    PaymentNotice(
      paymentId: payment.id, orderId: payment.order, tenantId: payment.tenant, customerId: payment.customer, method: payment.method,
      status: status ?? payment.status, currency: money.currency, amount: money.amount, reason: reason)
  }
}
