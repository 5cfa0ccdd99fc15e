import CatalogAPI
import DeliveryAPI
import Hosting
import Kernel
import Messaging
import OrderingAPI
import PaymentsAPI
import Persistence
import PricingAPI
import Realtime
import Sagas
import ServiceKit
import Settings
import Synchronization
import TestKit
import Testing
import Wire

@testable import Ordering

/// Ordering on a real database file, among fakes of the services that it calls.
final class Bench: Sendable {
  let database: any Database
  let board: Switchboard
  let module: OrderingModule
  let time: ManualTime
  let catalog: FakeCatalog
  let payments: FakePayments
  /// For tests that count in many tasks.
  let count = Mutex(0)

  /// - Parameters:
  ///   - store: where the rows are; another one stands for the same file after a restart.
  init(
    _ delivery: Switchboard.LocalDelivery = .direct, store: (any Database)? = nil, time: ManualTime = ManualTime(),
    catalog: FakeCatalog = FakeCatalog(), payments: FakePayments = FakePayments(), seed: UInt64 = 1, settings: [String: String] = [:]
  ) async throws {
    let database: any Database
    if let store { database = store } else { database = try await Self.emptyDatabase() }
    let board = Switchboard(delivery: delivery)
    let ids = time.ids(seed: seed)
    let host = Host(
      database: database, switchboard: board, outbox: Outbox(service: "ordering", time: time.source, ids: ids, committed: { _, _ in }),
      sagas: SagaRunner(service: "ordering", database: database, time: time.source, quickPauses: []),
      channels: Channels(epoch: "test", time: time.source), time: time.source, ids: ids, settings: SettingsSource(commandLine: settings))
    module = try OrderingModule(host)
    board.host(module.operations + catalog.operations + payments.operations)
    self.database = database
    self.board = board
    self.time = time
    self.catalog = catalog
    self.payments = payments
  }

  static func emptyDatabase() async throws -> any Database {
    try await temporaryDatabase(
      OrderingModule.migrations + Outbox.migrations(for: "ordering") + SagaRunner.migrations(for: "ordering")
        + Idempotency.migrations(for: "ordering"))
  }

  /// Asks as somebody.
  func ask<O: Operation>(_ operation: O, as caller: Caller) async throws -> O.Reply {
    try await Caller.$current.withValue(caller) { try await board.call(operation) }
  }

  /// The code of the refusal, denial or fault that an operation meets, or `nil` when it is done.
  func refusal<O: Operation>(_ operation: O, as caller: Caller) async -> String? where O.Refusal == OrderRefusal {
    do {
      _ = try await ask(operation, as: caller)
      return nil
    } catch let failure as CallFailure<OrderRefusal> {
      switch failure {
      case .refused(let refusal): return "\(refusal.kind.rawValue) \(refusal.code)"
      case .denied(let denial): return denial.rawValue
      case .invalid(let faults): return "400 " + faults.all.map(\.path).sorted().joined(separator: ",")
      case .unavailable: return "503"
      case .failed(let reason): return "500 \(reason)"
      }
    } catch {
      return "\(error)"
    }
  }

  /// The names of the events written so far, in order.
  func events() async throws -> [String] {
    try await database.read { try $0.all("SELECT event FROM ordering_outbox ORDER BY position") { $0.text(0) } }
  }

  func envelopes(_ name: String) async throws -> [Envelope] {
    try await database.read { try $0.all("SELECT envelope FROM ordering_outbox WHERE event = ? ORDER BY position", .text(name)) { try $0.json(0) } }
  }

  /// How many rows each table has.
  func rowCounts() async throws -> [String: Int] {
    let tables = ["orders", "order_items", "status_history", "carts", "outbox", "saga", "idempotency"]
    return try await database.read { transaction in
      var counts: [String: Int] = [:]
      for table in tables { counts[table] = try transaction.first("SELECT COUNT(*) FROM ordering_\(table)") { $0.integer(0) } }
      return counts
    }
  }

  /// Hands an event to every reaction that hears it, as the relay does.
  func tell<E: Event>(_ event: E) async throws {
    let envelope = Envelope(
      id: time.ids(seed: 99).next(), name: E.name, version: E.version, topic: E.topic, time: time.now, tenant: event.tenant,
      aggregate: event.aggregate, sequence: 1, payload: RawJSON(event))
    for reaction in module.reactions where reaction.events.contains(E.name) {
      guard case .inTransaction(let prepare) = reaction.kind else { continue }
      try await database.write { try prepare(envelope)($0) }
    }
  }

  func runJob(_ name: String) async throws {
    try await #require(module.jobs.first { $0.name == name }).run()
  }

  /// A request that is placed without objection.
  func request(
    _ fulfilment: Fulfilment = .delivery, token: String = "tok_approve", key: String? = nil, wantedAt: Instant? = nil
  ) -> PlaceOrder {
    PlaceOrder(
      restaurantId: catalog.restaurant, items: [WantedItem(menuItemId: catalog.dish, quantity: 2)], fulfilment: fulfilment,
      deliveryAddress: fulfilment == .delivery
        ? DeliveryAddress(text: "1 Main Street", point: GeoPoint(latitude: 40.72, longitude: -74.0)) : nil,
      payment: PaymentChoice(method: .card, cardToken: token), wantedAt: wantedAt, idempotencyKey: key)
  }

  /// Moves an order through the states, as the restaurant.
  @discardableResult
  func advance(_ id: OrderID, _ statuses: OrderStatus...) async throws -> Order? {
    var order: Order?
    for status in statuses { order = try await ask(UpdateOrderStatus(orderId: id, status: status), as: People.staff) }
    return order
  }

  func delivery(_ order: Order, _ status: DeliveryStatus, reason: String? = nil) -> DeliveryStatusChanged {
    DeliveryStatusChanged(
      delivery: DeliveryNotice(
        deliveryId: Identifier(high: 7, low: 7), orderId: order.id, tenantId: order.tenantId, customerId: order.customerId,
        partnerId: People.courierID, status: status, reason: reason))
  }
}

/// Who appears in these tests.
enum People {
  static let tenant = TenantID(high: 1, low: 1)
  static let otherTenant = TenantID(high: 1, low: 2)
  static let customerID = UserID(high: 2, low: 1)
  static let courierID = UserID(high: 2, low: 2)
  static let customer = Caller(user: customerID, roles: [.customer])
  static let stranger = Caller(user: UserID(high: 2, low: 3), roles: [.customer])
  static let staff = Caller(user: UserID(high: 2, low: 4), tenant: tenant, roles: [.owner])
  static let otherStaff = Caller(user: UserID(high: 2, low: 5), tenant: otherTenant, roles: [.manager])
  static let admin = Caller(user: UserID(high: 2, low: 6), roles: [.admin])
  static let courier = Caller(user: courierID, roles: [.deliveryPartner])
}
