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

/// Answers `ListAllPayments`.
struct ListAllPaymentsHandler: Sendable {
  let database: any Database

  func answer(_ request: ListAllPayments) async throws -> Page<PaymentView> {
    try await page(of: database, PaymentStore.Filter(isEverything: true, status: request.status), after: request.cursor, limit: request.limit)
  }
}

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

/// Answers `ReadLedger`.
struct ReadLedgerHandler: Sendable {
  let database: any Database

  func answer(_ request: ReadLedger) async throws -> LedgerSummary { try await database.read { try LedgerStore().summary(in: $0) } }
}

private func page(of database: any Database, _ filter: PaymentStore.Filter, after cursor: PaymentID?, limit: Int) async throws -> Page<PaymentView> {
  try await database.read { transaction in
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
