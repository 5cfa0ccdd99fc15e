import Kernel
import OrderingAPI
import PaymentsAPI
import Persistence
import ServiceKit

/// Compares what the provider holds with what is on file, and gives back what nobody counts on.
struct Reconciler: Sendable {
  let cashier: Cashier
  /// How old a hold, or an unanswered payment, gets before it is looked at; its order may still be on its way until then.
  let grace: Duration
  private static let pageSize = 200

  /// Looks at everything that is old enough.
  func run() async throws {
    try await finishRefunds()
    try await askAgain()
    try await reviewHolds()
  }

  /// Gives back what was promised and could not be done at once.
  private func finishRefunds() async throws {
    let now = cashier.time.now
    let pending = try await cashier.database.read { [cashier] in
      try cashier.books.refunds.pending(before: now, count: Self.pageSize, in: $0)
    }
    for refund in pending { try await cashier.finish(refund) }
  }

  /// Ends payments whose provider never answered: their orders were told so.
  private func askAgain() async throws {
    let limit = cashier.time.now - grace
    let silent = try await cashier.database.read { [cashier] in
      try cashier.books.payments.unanswered(before: limit, count: Self.pageSize, in: $0)
    }
    for payment in silent {
      let hold = try await cashier.provider.find(payment.holdKey)
      try await fail(payment)
      if let hold, hold.status == .held { try await cashier.provider.void(hold: hold.key) }
    }
  }

  private func reviewHolds() async throws {
    let limit = cashier.time.now - grace
    var cursor: HoldCursor?
    while true {
      let holds = try await cashier.provider.openHolds(before: limit, after: cursor, count: Self.pageSize)
      guard let last = holds.last else { return }
      let orders = Array(Set(holds.map(\.order))).sorted { $0.description < $1.description }
      let records = try await cashier.database.read { [cashier] in try cashier.books.payments.records(of: orders, in: $0) }
      for hold in holds { try await act(on: hold, HoldReview(record: records[hold.order]), records[hold.order]) }
      cursor = HoldCursor(madeAt: last.madeAt, key: last.key)
    }
  }

  /// Looks at one hold of which the provider told unasked.
  func review(_ key: String) async throws {
    guard let hold = try await cashier.provider.find(key), hold.status == .held else { return }
    let record = try await cashier.record(of: hold.order)
    // Its order may still be on its way; a notice is no reason to judge it early.
    guard case .void = HoldReview(record: record) else { return }
    try await act(on: hold, .void, record)
  }

  private func act(on hold: ProviderHold, _ review: HoldReview, _ record: PaymentRecord?) async throws {
    switch review {
    case .keep: return
    case .void: break
    case .closeAndVoid:
      let id: PaymentID = cashier.ids.next()
      let now = cashier.time.now
      let isClosed = try await cashier.database.write { [cashier] in
        try cashier.books.payments.close(hold.order, as: id, reason: "nobody came for the hold", at: now, in: $0)
      }
      // Something came on file meanwhile: the next run sees it.
      guard isClosed else { return }
    case .failAndVoid:
      guard case .payment(let payment) = record, try await fail(payment) else { return }
    }
    try await cashier.provider.void(hold: hold.key)
  }

  @discardableResult
  private func fail(_ payment: Payment) async throws -> Bool {
    let now = cashier.time.now
    return try await cashier.database.write { [cashier] in
      try cashier.books.fail(payment, reason: "the provider did not answer", at: now, in: $0)
    }
  }
}
