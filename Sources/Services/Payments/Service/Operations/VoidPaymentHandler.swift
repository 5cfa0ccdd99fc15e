import PaymentsAPI
import ServiceKit

/// Answers `VoidPayment`.
struct VoidPaymentHandler: Sendable {
  let cashier: Cashier

  func answer(_ request: VoidPayment) async throws -> Done {
    try await cashier.end(request.orderId, refund: nil, reason: request.reason)
    return Done()
  }
}
