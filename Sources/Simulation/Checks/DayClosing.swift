import Kernel
import OrderingAPI
import PaymentsAPI
import ServiceKit
import WebClient
import Wire

/// The end of a day: ends what nobody brought, then reads back all that can be read and holds it against what was seen.
struct DayClosing: Sendable {
  let notebook: Notebook
  let admin: Session
  let desk: OrderDesk

  private var placed: [(OrderDesk.Ticket, OrderID)] {
    desk.tickets.compactMap { ticket in ticket.placed.value.flatMap { $0 }.map { (ticket, $0) } }
  }

  /// Has the restaurants cancel the orders that are still open.
  func end(_ cooks: [KitchenBot]) async throws {
    let kitchens = Dictionary(uniqueKeysWithValues: cooks.map { ($0.kitchen.restaurant.name, $0) })
    _ = try await inParallel(placed) { ticket, id in
      let order = try await admin.get("/api/orders/\(id)", as: Order.self)
      guard !Observations.endings.contains(order.status), let kitchen = kitchens[ticket.order.restaurant] else { return }
      // One that is on its way cannot be called back; it stays open, and the check says so.
      try? await kitchen.giveUp(id)
    }
  }

  /// Waits for what follows on the last steps (captures, releases, frames), then reads and compares.
  func check(_ cooks: [KitchenBot], _ guests: [CustomerBot], following: [String: String]) async throws {
    let orders = try await settled()
    let payments = try await payments()
    let channels = Dictionary(uniqueKeysWithValues: cooks.map { ($0.kitchen.restaurant.name, ($0.subscriber, $0.channel)) })
    for (ticket, order) in zip(placed.map(\.0), orders) {
      let history = order.history.map(\.status).reduce(into: [OrderStatus]()) { if $0.last != $1 { $0.append($1) } }
      notebook.note { $0.orders[ticket.order.name, default: .init()].status = order.status.rawValue }
      notebook.observe {
        $0.final(order.id, status: order.status, version: order.version, history: history)
        if let (subscriber, channel) = channels[ticket.order.restaurant] {
          $0.followed(subscriber, channel, order.id, history: history, isWhole: true)
        }
        if let subscriber = following[ticket.order.name] {
          $0.followed(subscriber, "order:\(order.id)", order.id, history: history, isWhole: false)
        }
      }
    }
    for payment in payments {
      notebook.observe { $0.payment(of: payment.orderId, captures: payment.movements.count { $0.kind == .capture || $0.kind == .cash }) }
    }
    let ledger = try await admin.get("/api/admin/ledger", as: LedgerSummary.self)
    for total in ledger.totals { notebook.observe { $0.ledger(currency: total.currency.code, debits: total.debit, credits: total.credit) } }
  }

  /// The orders, once their payments have followed them, or as they are after a minute.
  private func settled() async throws -> [Order] {
    let limit = ContinuousClock.now.advanced(by: .seconds(60))
    while true {
      let orders = try await inParallel(placed.map(\.1)) { try await admin.get("/api/orders/\($0)", as: Order.self) }
      let isSettled = orders.allSatisfy { order in
        switch order.status {
        case .delivered, .completed: order.payment.status == .succeeded
        case .cancelled, .rejected: [.voided, .refunded, .failed].contains(order.payment.status) || order.payment.method == .cash
        default: false
        }
      }
      if isSettled || ContinuousClock.now > limit { return orders }
      try await ContinuousClock().sleep(for: .milliseconds(500))
    }
  }

  private func payments() async throws -> [PaymentView] {
    var all: [PaymentView] = []
    var cursor: String?
    repeat {
      let page = try await admin.get("/api/admin/payments?limit=200\(cursor.map { "&cursor=\($0)" } ?? "")", as: Page<PaymentView>.self)
      all += page.items
      cursor = page.nextCursor
    } while cursor != nil
    return all
  }
}
