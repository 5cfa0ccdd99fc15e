import Kernel
import PaymentsAPI
import Persistence

/// One page of payments with their movements, in two queries.
func page(of database: any Database, _ filter: PaymentStore.Filter, after cursor: PaymentID?, limit: Int) async throws -> Page<PaymentView> {
  try await database.readStale { transaction in
    let payments = try PaymentStore().list(filter, after: cursor, limit: limit + 1, in: transaction)
    let shown = payments.prefix(limit)
    let movements = try LedgerStore().movements(of: shown.map(\.id), in: transaction)
    return Page(
      items: shown.map { PaymentView($0, movements[$0.id] ?? []) }, nextCursor: payments.count > limit ? shown.last?.id.description : nil)
  }
}

extension PaymentView {
  init(_ payment: Payment, _ movements: [PaymentMovement]) {
    self.init(
      id: payment.id, orderId: payment.order, tenantId: payment.tenant, customerId: payment.customer, method: payment.method,
      status: payment.status, currency: payment.amount.currency, amount: payment.amount.amount, captured: payment.captured.amount,
      refunded: payment.refunded.amount, reason: payment.reason, createdAt: payment.createdAt, updatedAt: payment.updatedAt,
      movements: movements, captures: movements.count { $0.kind == .capture || $0.kind == .cash }, refunds: movements.count { $0.kind == .refund })
  }
}
