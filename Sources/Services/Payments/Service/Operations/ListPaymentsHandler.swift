import Kernel
import PaymentsAPI
import Persistence
import ServiceKit

/// Answers `ListPayments`.
struct ListPaymentsHandler: Sendable {
  let database: any Database

  func answer(_ request: ListPayments) async throws -> Page<PaymentView> {
    let caller = Caller.current
    let filter = PaymentStore.Filter(
      isEverything: caller.hasAny(of: Role.administrators) || caller.has(.system), customer: caller.user,
      tenant: caller.hasAny(of: Role.staff) ? caller.tenant : nil, order: request.orderId)
    return try await page(of: database, filter, after: request.cursor, limit: request.limit)
  }
}
