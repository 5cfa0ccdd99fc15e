import PaymentsAPI
import Persistence
import ServiceKit

/// Answers `ReadPayment`.
struct ReadPaymentHandler: Sendable {
  let database: any Database

  func answer(_ request: ReadPayment) async throws -> PaymentView {
    let caller = Caller.current
    let found = try await database.read { transaction -> PaymentView? in
      guard let payment = try PaymentStore().find(request.paymentId, in: transaction),
        caller.actsFor(payment.tenant) || caller.user == payment.customer
      else { return nil }
      return PaymentView(payment, try LedgerStore().movements(of: [payment.id], in: transaction)[payment.id] ?? [])
    }
    guard let found else { throw ReadPaymentRefusal.paymentUnknown }
    return found
  }
}
