import CatalogAPI
import DeliveryAPI
import Kernel
import OrderingAPI
import Pages
import PaymentsAPI
import ServiceKit
import WebServer
import Wire

/// `/admin/orders/:orderId`: one order with its history, its delivery and its money.
enum OrderPage {
  static func show(_ request: PageRequest) async throws -> WebResponse { try await page(request) }

  static func cancel(_ request: PageRequest) async throws -> WebResponse {
    let orderId = try request.id("orderId", OrderID.self)
    do {
      _ = try await request.call(CancelOrder(orderId: orderId, reason: request.form["reason"], version: request.form.integer("version")))
    } catch { return try await page(request, failing: error.problem, form: "cancel") }
    return request.redirect(to: "/admin/orders/\(orderId)?done=cancelled")
  }

  static func refund(_ request: PageRequest) async throws -> WebResponse {
    let orderId = try request.id("orderId", OrderID.self)
    var problem: Problem?
    if let paymentId = request.form.id("paymentId", PaymentID.self) {
      if request.form["amount"] != nil, request.form.amount("amount") == nil {
        problem = Problem(
          400, "invalid_input", "Some fields are not valid.", faults: [Fault(path: "amount", message: request.texts["admin.order.amountWrong"])])
      } else {
        do {
          _ = try await request.call(
            RefundPayment(
              paymentId: paymentId, amount: request.form.amount("amount"), reason: request.form["reason"] ?? "",
              idempotencyKey: request.form["idempotencyKey"] ?? request.freshKey()))
        } catch { problem = error.problem }
      }
    } else {
      problem = Problem(404, "payment_unknown", "payment unknown")
    }
    if let problem { return try await page(request, failing: problem, form: "refund") }
    return request.redirect(to: "/admin/orders/\(orderId)?done=refunded")
  }

  /// - Parameter form: which of the two forms was sent.
  private static func page(_ request: PageRequest, failing problem: Problem? = nil, form: String = "") async throws -> WebResponse {
    let order = try await request.call(GetOrder(orderId: try request.id("orderId", OrderID.self)))
    let payments = try await request.call(ListPayments(orderId: order.id)).items
    let delivery = try await request.call(ListDeliveries(orderId: order.id)).items.first
    var fields = OrdersPage.row(order, request)
    fields["version"] = String(order.version)
    fields["tenant"] = order.tenantId.description
    fields["restaurantId"] = order.restaurantId.description
    fields["customer"] = order.customerId.description
    fields["address"] = order.deliveryAddress?.text
    fields["instructions"] = order.specialInstructions
    fields["method"] = request.word("admin.method.", order.payment.method.rawValue)
    fields["items"] = order.items.map { dish($0, order.currency, request) }
    fields["sums"] = sums(order, request)
    fields["total"] = request.formats.money(order.total, order.currency)
    fields["history"] = history(order, request)
    fields["payments"] = payments.map { payment($0, request, problem: form == "refund" ? problem : nil) }
    if let delivery { fields["delivery"] = self.delivery(delivery, request) }
    fields["courier"] = order.deliveryPartner.map { ["id": $0.partnerId.description, "name": $0.name] }
    fields["wantedAt"] = order.wantedAt.map(request.moment)
    fields["readyAt"] = order.readyAt.map(request.moment)
    fields["isOpen"] = ![.delivered, .completed, .rejected, .cancelled].contains(order.status)
    fields["rating"] = order.rating.map(String.init)
    fields["ratingComment"] = order.ratingComment
    fields["cancel"] = request.formFields(form == "cancel" ? ["reason"] : [], problem: form == "cancel" ? problem : nil)
      .merging(form == "cancel" ? [:] : blank(["reason"])) { first, _ in first }
    return try request.admin("order", at: "orders", failing: problem, fields)
  }

  /// Fields of a form that was not sent, when another of the page was.
  private static func blank(_ names: [String]) -> [String: Any] {
    Dictionary(uniqueKeysWithValues: names.map { ($0, ["name": $0, "value": "", "id": "f-\($0)"] as [String: Any]) })
  }

  private static func dish(_ item: QuotedItem, _ currency: Currency, _ request: PageRequest) -> [String: Any] {
    let price = Money(item.unitPrice, currency).map { ($0 * item.quantity).amount } ?? item.unitPrice
    var dish: [String: Any] = [
      "quantity": request.formats.number(item.quantity), "name": item.name, "price": request.formats.money(price, currency)
    ]
    if !item.options.isEmpty { dish["options"] = item.options.map(\.name).joined(separator: ", ") }
    dish["wish"] = item.specialInstructions
    return dish
  }

  private static func sums(_ order: Order, _ request: PageRequest) -> [[String: Any]] {
    let lines: [(String, Amount)] = [
      ("subtotal", order.subtotal), ("deliveryFee", order.deliveryFee), ("tax", order.tax), ("discount", order.discount), ("tip", order.tip)
    ]
    return lines.filter { $0.0 == "subtotal" || $0.1.units != 0 }.map {
      ["name": request.word("admin.sum.", $0.0), "amount": request.formats.money($0.1, order.currency)]
    }
  }

  private static func history(_ order: Order, _ request: PageRequest) -> [[String: Any]] {
    order.history.map { change in
      var entry: [String: Any] = [
        "status": change.status.rawValue, "word": request.word("admin.script.order.", change.status.rawValue), "tone": Tone.of(change.status),
        "at": request.moment(change.at), "by": request.word("admin.actor.", change.by.rawValue), "isNote": change.from == change.status
      ]
      entry["byUser"] = change.byUserId?.description
      entry["reason"] = change.reason.map(request.texts.reason)
      return entry
    }
  }

  private static func delivery(_ delivery: Delivery, _ request: PageRequest) -> [String: Any] {
    [
      "status": delivery.status.rawValue, "word": request.word("admin.script.delivery.", delivery.status.rawValue), "tone": Tone.of(delivery.status),
      "distance": request.formats.distance(meters: delivery.distanceMeters), "pay": request.formats.money(delivery.pay, delivery.currency),
      "isUnassigned": delivery.status == .unassigned,
      "steps": delivery.steps.map { ["word": request.word("admin.script.delivery.", $0.status), "at": request.moment($0.at)] }
    ]
  }

  private static func payment(_ payment: PaymentView, _ request: PageRequest, problem: Problem?) -> [String: Any] {
    let isSent = problem != nil && request.form["paymentId"] == payment.id.description
    var fields = LedgerPage.row(payment, request)
    fields["movements"] = payment.movements.map {
      [
        "word": request.word("admin.movement.", $0.kind.rawValue), "amount": request.formats.money($0.amount, payment.currency),
        "at": request.moment($0.at)
      ]
    }
    let left = Money(payment.captured, payment.currency).flatMap { captured in Money(payment.refunded, payment.currency).map { captured - $0 } }
    guard let left, left.units > 0 else { return fields }
    var form = isSent ? request.formFields(["amount", "reason"], problem: problem) : blank(["amount", "reason"])
    form["left"] = request.formats.money(left.amount, payment.currency)
    form["key"] = request.form["idempotencyKey"] ?? request.freshKey()
    fields["refund"] = form
    return fields
  }
}
