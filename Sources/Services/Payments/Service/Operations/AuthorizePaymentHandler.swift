import Kernel
import OrderingAPI
import PaymentsAPI
import Persistence
import ServiceKit
import Wire

/// Answers `AuthorizePayment`: on the way that most orders take, one call of the provider and one write.
struct AuthorizePaymentHandler: Sendable {
  let cashier: Cashier

  /// What is on file after the write.
  private enum Filed: Sendable {
    case opened
    case known(PaymentRecord)
  }

  func answer(_ request: AuthorizePayment) async throws -> PaymentAuthorization {
    guard let money = Money(request.amount, request.currency), !money.isNegative else {
      throw InvalidInput([Fault(path: "amount", message: "must be an amount of \(request.currency), not below zero")])
    }
    let now = cashier.time.now
    var payment = Payment(
      id: cashier.ids.next(), order: request.orderId, tenant: request.tenantId, customer: request.customerId, method: request.choice.method,
      status: .initiated, amount: money, captured: .zero(money.currency), refunded: .zero(money.currency), createdAt: now, updatedAt: now)
    guard payment.isHeldByProvider else {
      if payment.method == .card { payment.status = .authorized }
      return try await reply(to: payment, filed: file(payment))
    }
    guard let token = request.choice.cardToken else { throw AuthorizePaymentRefusal.methodUnknown }
    let hold: ProviderHold
    do {
      hold = try await cashier.provider.authorize(HoldWish(key: payment.holdKey, order: payment.order, cardToken: token, money: money))
    } catch let refusal as ProviderRefusal {
      throw refusal.reason == .cardUnknown ? AuthorizePaymentRefusal.methodUnknown : .declined
    } catch is Unavailable {
      return try await unanswered(payment)
    }
    switch hold.status {
    case .held, .captured: payment.status = .authorized
    case .declined:
      payment.status = .failed
      payment.reason = "declined"
    case .voided: throw AuthorizePaymentRefusal.closed
    }
    return try await reply(to: payment, filed: file(payment))
  }

  private func file(_ payment: Payment) async throws -> Filed {
    try await cashier.database.write { [books = cashier.books] transaction in
      if try books.open(payment, in: transaction) { return .opened }
      guard let known = try books.payments.record(of: payment.order, in: transaction) else {
        throw CorruptRow("the payment of \(payment.order) is there and is not")
      }
      // The provider answered at last, before anybody gave the payment up.
      if case .payment(var earlier) = known, earlier.status == .initiated, earlier.method == .card, payment.status == .authorized {
        if try books.authorize(earlier, at: payment.createdAt, in: transaction) { earlier.status = .authorized }
        return .known(.payment(earlier))
      }
      return .known(known)
    }
  }

  private func reply(to payment: Payment, filed: Filed) async throws -> PaymentAuthorization {
    let filedPayment: Payment
    switch filed {
    case .opened: filedPayment = payment
    case .known(.closed):
      await cashier.releaseStrays(of: payment.order)
      throw AuthorizePaymentRefusal.closed
    case .known(.payment(let known)): filedPayment = known
    }
    switch filedPayment.status {
    case .authorized, .succeeded, .refunded: break
    case .initiated: if filedPayment.method == .card { throw AuthorizePaymentRefusal.unanswered }
    case .failed: throw AuthorizePaymentRefusal.declined
    case .voided:
      await cashier.releaseStrays(of: payment.order)
      throw AuthorizePaymentRefusal.closed
    }
    return PaymentAuthorization(paymentId: filedPayment.id, status: filedPayment.status)
  }

  /// Writes down that the provider was asked, so that it is asked again later, and lets the order go.
  private func unanswered(_ payment: Payment) async throws -> PaymentAuthorization {
    if case .known(let known) = try await file(payment) { return try await reply(to: payment, filed: .known(known)) }
    throw AuthorizePaymentRefusal.unanswered
  }
}
