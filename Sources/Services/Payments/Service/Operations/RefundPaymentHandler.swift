import Kernel
import PaymentsAPI
import Persistence
import ServiceKit
import Wire

/// Answers `RefundPayment`.
struct RefundPaymentHandler: Sendable {
  let cashier: Cashier

  func answer(_ request: RefundPayment) async throws -> RefundView {
    let caller = Caller.current
    // A key is its caller's: two people may choose the same.
    let requestKey = "\(caller.user?.description ?? "system"):\(request.idempotencyKey)"
    let content = "\(request.amount?.description ?? "rest"):\(request.reason)"
    let found = try await cashier.database.read { [books = cashier.books] transaction in
      (try books.payments.find(request.paymentId, in: transaction), try books.refunds.find(requestKey, of: request.paymentId, in: transaction))
    }
    guard let payment = found.0, caller.actsFor(payment.tenant) else { throw RefundPaymentRefusal.paymentUnknown }
    if let known = found.1 { return try replay(known, content, payment) }
    let amount = try self.amount(request, of: payment)
    guard payment.captured.units > 0 else { throw RefundPaymentRefusal.notCaptured }
    guard amount.units > 0 else { throw RefundPaymentRefusal.exceedsCaptured }
    let reserved = try await cashier.reserve(amount, of: payment, requestKey: requestKey, request: content, reason: request.reason)
    guard var refund = reserved else { throw RefundPaymentRefusal.exceedsCaptured }
    guard refund.request == content else { throw RefundPaymentRefusal.idempotencyConflict }
    do {
      try await cashier.finish(refund)
      refund.status = .done
    } catch is Unavailable {
      // It is promised; the reconciler keeps asking the provider.
    }
    return view(refund, payment)
  }

  private func amount(_ request: RefundPayment, of payment: Payment) throws -> Money {
    guard let wish = request.amount else { return payment.captured - payment.refunded }
    guard let money = Money(wish, payment.amount.currency), money.units > 0 else {
      throw InvalidInput([Fault(path: "amount", message: "must be an amount of \(payment.amount.currency) above zero")])
    }
    return money
  }

  private func replay(_ refund: Refund, _ content: String, _ payment: Payment) throws -> RefundView {
    guard refund.request == content else { throw RefundPaymentRefusal.idempotencyConflict }
    CallContext.remarks?.markReplay()
    return view(refund, payment)
  }

  private func view(_ refund: Refund, _ payment: Payment) -> RefundView {
    RefundView(
      id: refund.id, paymentId: payment.id, orderId: payment.order, currency: refund.amount.currency, amount: refund.amount.amount,
      status: refund.status, reason: refund.reason, createdAt: refund.createdAt)
  }
}
