import CatalogAPI
import Hosting
import Kernel
import Messaging
import OrderingAPI
import PaymentsAPI
import Persistence
import Realtime
import Sagas
import ServiceKit
import Settings
import TestKit
import Wire

@testable import Payments

/// Payments on a file of its own and a time that stands still.
struct Bench: Sendable {
  let time = ManualTime()
  let database: TestDatabase
  let ids: IdentifierSource
  let outbox: Outbox
  let board: Switchboard
  let module: PaymentsModule

  init(_ delivery: Switchboard.LocalDelivery = .direct, seed: UInt64 = 1) async throws {
    ids = time.ids(seed: seed)
    database = try await temporaryDatabase(
      PaymentsModule.migrations + Outbox.migrations(for: "payments") + SagaRunner.migrations(for: "payments"))
    outbox = Outbox(service: "payments", time: time.source, ids: ids, committed: { _, _ in })
    board = Switchboard(delivery: delivery)
    module = try PaymentsModule(
      Host(
        database: database, switchboard: board, outbox: outbox, sagas: SagaRunner(service: "payments", database: database, time: time.source),
        channels: Channels(epoch: "test", time: time.source), time: time.source, ids: ids, settings: SettingsSource()))
    board.host(module.operations)
  }

  var sandbox: SandboxProvider { SandboxProvider(database: database, time: time.source) }

  /// A cashier that asks a provider straight away, without time limits.
  func cashier(_ provider: (any PaymentProvider)? = nil, on other: (any Database)? = nil) -> Cashier {
    Cashier(database: other ?? database, books: Books(outbox: outbox), provider: provider ?? sandbox, time: time.source, ids: ids)
  }

  // MARK: Asking

  func authorize(_ order: Sale) async throws -> PaymentAuthorization { try await board.callAsSystem(order.wish) }

  func refusal(of order: Sale) async -> AuthorizePaymentRefusal? {
    do throws(CallFailure<AuthorizePaymentRefusal>) {
      _ = try await board.callAsSystem(order.wish)
      return nil
    } catch {
      guard case .refused(let refusal) = error else { return nil }
      return refusal
    }
  }

  func void(_ order: Sale) async throws {
    _ = try await board.callAsSystem(VoidPayment(orderId: order.id, reason: "undone"))
  }

  func payment(_ order: Sale) async throws -> Payment? {
    guard case .payment(let payment) = try await cashier().record(of: order.id) else { return nil }
    return payment
  }

  func asAdmin<O: Operation>(_ operation: O) async throws -> O.Reply {
    try await Caller.$current.withValue(Caller(user: ids.next(), roles: [.admin])) { try await board.call(operation) }
  }

  func ledger() async throws -> LedgerSummary { try await asAdmin(ReadLedger()) }

  /// Debits less credits of an account, in minor units; 0 when it was never used.
  func balance(_ account: LedgerAccount, _ currency: Currency = .usd) async throws -> Int {
    try await ledger().balances.first { $0.account == account.rawValue && $0.currency == currency }?.balance.units ?? 0
  }

  // MARK: What happens

  /// Lets a reaction hear an event, so often.
  func hear(_ event: some Event, times: Int = 1) async throws {
    let envelope = Envelope(
      id: ids.next(), name: type(of: event).name, version: 1, topic: type(of: event).topic, time: time.now, tenant: event.tenant,
      aggregate: event.aggregate, sequence: 1, payload: RawJSON(event))
    for reaction in module.reactions where reaction.events.contains(envelope.name) {
      guard case .calling(let body) = reaction.kind else { continue }
      for _ in 0..<times { try await body(envelope) }
    }
  }

  func run(_ job: String) async throws {
    for candidate in module.jobs where candidate.name == job { try await candidate.run() }
  }

  /// The names of the events written so far, in order.
  func events() async throws -> [String] {
    try await database.read { try $0.all("SELECT event FROM payments_outbox ORDER BY position") { $0.text(0) } }
  }

  /// The holds that the provider has open now.
  func openHolds() async throws -> Int {
    try await sandbox.openHolds(before: time.now, after: nil, count: 1000).count
  }

  func count(_ sql: String) async throws -> Int { try await database.read { try $0.first(sql) { $0.integer(0) } ?? -1 } }
}

/// An order as Payments hears of it.
struct Sale: Sendable {
  var id: OrderID
  var tenant: TenantID
  var customer: UserID
  var method = PaymentMethod.card
  var token: String? = "tok_approve"
  var total = Money(units: 2549, .usd)

  init(_ ids: IdentifierSource, method: PaymentMethod = .card, token: String? = "tok_approve", _ total: Money = Money(units: 2549, .usd)) {
    (id, tenant, customer) = (ids.next(), ids.next(), ids.next())
    (self.method, self.token, self.total) = (method, token, total)
  }

  var wish: AuthorizePayment {
    AuthorizePayment(
      orderId: id, tenantId: tenant, customerId: customer, choice: PaymentChoice(method: method, cardToken: token), currency: total.currency,
      amount: total.amount)
  }

  func notice(_ status: OrderStatus, refund: Int? = nil) -> OrderNotice {
    OrderNotice(
      orderId: id, tenantId: tenant, restaurantId: RestaurantID(high: 1, low: 2), restaurantName: "Chez Test",
      restaurantPoint: GeoPoint(latitude: 1, longitude: 2), restaurantAddress: "1 Street", customerId: customer, status: status, version: 3,
      fulfilment: .delivery, paymentMethod: method, currency: total.currency, total: total.amount, deliveryFee: Money.zero(total.currency).amount,
      tip: Money.zero(total.currency).amount, itemCount: 1, placedAt: Instant(milliseconds: 0),
      refund: refund.map { Money(units: $0, total.currency).amount })
  }
}
