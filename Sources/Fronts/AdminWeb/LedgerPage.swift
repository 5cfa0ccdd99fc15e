import Kernel
import OrderingAPI
import Pages
import PaymentsAPI
import WebServer

/// `/admin/ledger`: what the accounts stand at, and every payment.
enum LedgerPage {
  static func show(_ request: PageRequest) async throws -> WebResponse {
    let ledger = try await request.call(ReadLedger())
    let status = request.query["status"].flatMap(PaymentStatus.init(rawValue:))
    let payments = try await request.call(ListAllPayments(status: status, cursor: try request.filter("cursor", PaymentID.self), limit: 50))
    var fields: [String: Any] = [
      "isBalanced": ledger.isBalanced, "unbalanced": ledger.unbalanced,
      "entries": request.formats.number(ledger.entryCount), "transactions": request.formats.number(ledger.transactionCount),
      "balances": ledger.balances.map { balance in
        [
          "account": request.word("admin.account.", balance.account), "currency": balance.currency.code,
          "debit": request.formats.money(balance.debit, balance.currency), "credit": request.formats.money(balance.credit, balance.currency),
          "balance": request.formats.money(balance.balance, balance.currency)
        ]
      },
      "totals": ledger.totals.map { total in
        [
          "currency": total.currency.code, "debit": request.formats.money(total.debit, total.currency),
          "credit": request.formats.money(total.credit, total.currency)
        ]
      },
      "payments": payments.items.map { row($0, request) }, "hasNoPayments": payments.items.isEmpty,
      "statuses": request.choices(PaymentStatus.allCases, chosen: status, "admin.payment.")
    ]
    fields.merge(request.pager("/admin/ledger", [("status", status?.rawValue)], next: payments.nextCursor)) { $1 }
    return try request.admin("ledger", at: "ledger", fields)
  }

  static func row(_ payment: PaymentView, _ request: PageRequest) -> [String: Any] {
    var row: [String: Any] = [
      "id": payment.id.description, "order": payment.orderId.description, "short": shortened(payment.orderId),
      "method": request.word("admin.method.", payment.method.rawValue), "status": payment.status.rawValue, "tone": Tone.of(payment.status),
      "word": request.word("admin.payment.", payment.status.rawValue), "amount": request.formats.money(payment.amount, payment.currency),
      "captured": request.formats.money(payment.captured, payment.currency), "refunded": request.formats.money(payment.refunded, payment.currency),
      "createdAt": request.moment(payment.createdAt)
    ]
    row["reason"] = payment.reason.map(request.texts.reason)
    return row
  }
}
