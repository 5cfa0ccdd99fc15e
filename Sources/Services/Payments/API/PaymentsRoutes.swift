public import ServiceKit

/// Every URL of Payments.
public let paymentsRoutes: [Route] = [
  Route(.get, "/api/payments", ListPayments.self),
  Route(.get, "/api/payments/:paymentId", ReadPayment.self),
  Route(.post, "/api/payments/:paymentId/refunds", RefundPayment.self, headers: ["idempotency-key": "idempotencyKey"], success: 201),
  Route(.get, "/api/admin/payments", ListAllPayments.self),
  Route(.get, "/api/admin/ledger", ReadLedger.self)
]
