import Kernel
import PaymentsAPI
import Persistence

/// Answers `ListAllPayments`.
struct ListAllPaymentsHandler: Sendable {
  let database: any Database

  func answer(_ request: ListAllPayments) async throws -> Page<PaymentView> {
    try await page(of: database, PaymentStore.Filter(isEverything: true, status: request.status), after: request.cursor, limit: request.limit)
  }
}
