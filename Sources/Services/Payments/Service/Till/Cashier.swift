import Kernel
import OrderingAPI
import PaymentsAPI
import Persistence
import ServiceKit

/// Moves the money of orders: asks the provider first, then writes down what it did; every way may be walked again from its start.
struct Cashier: Sendable {
  let database: any Database
  let books: Books
  let provider: any PaymentProvider
  let time: TimeSource
  let ids: IdentifierSource

  // MARK: Handing over

  /// Takes the money of an order whose food was handed over, once.
  func settle(_ order: OrderID) async throws {
    // A race lost to another move of the same payment is looked at afresh.
    for _ in 0..<4 { if try await settleOnce(order) { return } }
    throw Unavailable("the payment of \(order) keeps moving")
  }

  private func settleOnce(_ order: OrderID) async throws -> Bool {
    guard case .payment(let payment) = try await record(of: order) else { throw MissingPayment(order: order) }
    let now = time.now
    switch payment.settlement {
    case .nothing: return true
    case .notYet: throw Unavailable("the provider has not answered for \(order) yet")
    case .takeCash: return try await database.write { [books] in try books.takeCash(of: payment, at: now, in: $0) }
    case .capture(let money): return try await capture(money, of: payment, reason: nil)
    }
  }

  private func capture(_ money: Money, of payment: Payment, reason: String?) async throws -> Bool {
    let now = time.now
    if payment.isHeldByProvider {
      do {
        try await provider.capture(money, ofHold: payment.holdKey, key: "capture:\(payment.order):\(money.units)\(money.currency):1")
      } catch let refusal as ProviderRefusal {
        return try await adopt(payment, after: refusal)
      }
    }
    return try await database.write { [books] in try books.capture(money, of: payment, reason: reason, at: now, in: $0) }
  }

  /// Writes down what the provider did under a call whose answer was lost, so that the payment can be looked at afresh.
  private func adopt(_ payment: Payment, after refusal: ProviderRefusal) async throws -> Bool {
    let hold = try await provider.find(payment.holdKey)
    let now = time.now
    if let hold, hold.status == .captured {
      _ = try await database.write { [books] in try books.capture(hold.captured, of: payment, reason: nil, at: now, in: $0) }
    } else {
      // The hold is gone, and asking again brings it not back: others must know that this order is not paid.
      _ = try await database.write { [books] in try books.fail(payment, reason: refusal.reason.rawValue, at: now, in: $0) }
    }
    return false
  }

  // MARK: Ending early

  /// Gives back what the customer of an order that ended early shall have back.
  ///
  /// - Parameter refund: of the whole; `nil` for all of it.
  func end(_ order: OrderID, refund: Money?, reason: String) async throws {
    for _ in 0..<4 { if try await endOnce(order, refund: refund, reason: reason) { return } }
    throw Unavailable("the payment of \(order) keeps moving")
  }

  private func endOnce(_ order: OrderID, refund: Money?, reason: String) async throws -> Bool {
    let id: PaymentID = ids.next()
    let now = time.now
    let record = try await database.write { [books] transaction in
      try books.payments.close(order, as: id, reason: reason, at: now, in: transaction)
        ? PaymentRecord.closed : try books.payments.record(of: order, in: transaction)
    }
    guard case .payment(let payment) = record else {
      await releaseStrays(of: order)
      return true
    }
    switch payment.ending(refund: refund) {
    case .nothing: return true
    case .void: return try await void(payment, reason: reason)
    case .capture(let kept): return try await capture(kept, of: payment, reason: reason)
    case .refund(let due):
      guard let reserved = try await reserve(due, of: payment, requestKey: "order-ended", request: "order-ended", reason: reason) else {
        return false
      }
      try await finish(reserved)
      return true
    }
  }

  private func void(_ payment: Payment, reason: String) async throws -> Bool {
    let now = time.now
    // While the provider may not have a hold yet, closing the payment is what counts; a hold that comes late is found and voided.
    guard payment.status == .authorized, payment.isHeldByProvider else {
      let isMine = try await database.write { [books] in try books.void(payment, reason: reason, at: now, in: $0) }
      if isMine, payment.isHeldByProvider { await releaseStrays(of: payment.order) }
      return isMine
    }
    do { try await provider.void(hold: payment.holdKey) } catch let refusal as ProviderRefusal { return try await adopt(payment, after: refusal) }
    return try await database.write { [books] in try books.void(payment, reason: reason, at: now, in: $0) }
  }

  /// Voids what the provider holds for an order that no payment counts on; what cannot be had now is left to the reconciler.
  func releaseStrays(of order: OrderID) async {
    guard let holds = try? await provider.holds(of: order) else { return }
    for hold in holds where hold.status == .held { try? await provider.void(hold: hold.key) }
  }

  // MARK: Refunds

  /// Sets money aside to be given back, or finds what was set aside under the same key; nothing when that much is not left.
  func reserve(_ amount: Money, of payment: Payment, requestKey: String, request: String, reason: String) async throws -> Refund? {
    let id: RefundID = ids.next()
    let now = time.now
    return try await database.write { [books] transaction in
      if let known = try books.refunds.find(requestKey, of: payment.id, in: transaction) { return known }
      guard try books.payments.reserve(amount, of: payment.id, at: now, in: transaction) else { return nil }
      let refund = Refund(
        id: id, payment: payment.id, number: try books.refunds.count(of: payment.id, in: transaction) + 1, requestKey: requestKey,
        request: request, amount: amount, status: .pending, reason: reason, createdAt: now)
      try books.refunds.insert(refund, in: transaction)
      return refund
    }
  }

  /// Has the provider give back what was set aside, and writes it down.
  func finish(_ refund: Refund) async throws {
    guard refund.status == .pending, let payment = try await database.read({ [books] in try books.payments.find(refund.payment, in: $0) })
    else { return }
    if payment.method == .card {
      try await provider.refund(
        refund.amount, ofHold: payment.holdKey, key: "refund:\(payment.order):\(refund.amount.units)\(refund.amount.currency):\(refund.number)")
    }
    let now = time.now
    _ = try await database.write { [books] in try books.conclude(refund, of: payment, at: now, in: $0) }
  }

  func record(of order: OrderID) async throws -> PaymentRecord? {
    try await database.read { [books] in try books.payments.record(of: order, in: $0) }
  }
}

/// An order was handed over of which no payment is known.
struct MissingPayment: Error, CustomStringConvertible {
  let order: OrderID
  var description: String { "no payment is known of order \(order)" }
}
