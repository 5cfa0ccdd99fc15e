import CatalogAPI
import DeliveryAPI
import Hosting
import Kernel
import Messaging
import OrderingAPI
import Persistence
import Realtime
import Sagas
import ServiceKit
import Settings
import Synchronization
import TestKit
import Wire

@testable import Delivery

/// Delivery alone in a town of its own: a database in a file, a time that stands still, and orders as they are told by events.
final class Town: Sendable {
  let time: ManualTime
  let ids: IdentifierSource
  let database: TestDatabase
  let delivery: Switchboard.LocalDelivery
  let settings: [String: String]
  private struct Running { var module: DeliveryModule, board: Switchboard, channels: Channels }
  private let running: Mutex<Running>

  static let center = GeoPoint(latitude: 52.52, longitude: 13.405)
  let tenant: TenantID
  let restaurant: RestaurantID

  init(_ delivery: Switchboard.LocalDelivery = .direct, seed: UInt64 = 1, settings: [String: String] = [:]) async throws {
    time = ManualTime()
    ids = time.ids(seed: seed)
    self.delivery = delivery
    self.settings = settings
    database = try await temporaryDatabase(DeliveryModule.migrations + Outbox.migrations(for: "delivery"))
    tenant = ids.next()
    restaurant = ids.next()
    running = Mutex(try Self.start(database, time, ids, delivery, settings))
  }

  private static func start(
    _ database: any Database, _ time: ManualTime, _ ids: IdentifierSource, _ delivery: Switchboard.LocalDelivery, _ settings: [String: String]
  ) throws -> Running {
    let channels = Channels(epoch: "test", time: time.source)
    let board = Switchboard(delivery: delivery)
    let module = try DeliveryModule(
      Host(
        database: database, switchboard: board, outbox: Outbox(service: "delivery", time: time.source, ids: ids, committed: { _, _ in }),
        sagas: SagaRunner(service: "delivery", database: database, time: time.source), channels: channels, time: time.source, ids: ids,
        settings: SettingsSource(commandLine: settings)))
    board.host(module.operations)
    return Running(module: module, board: board, channels: channels)
  }

  /// A new process on the same database: all that was in memory is gone.
  func restart() async throws {
    let fresh = try Self.start(database, time, ids, delivery, settings)
    try await fresh.module.recover()
    running.withLock { $0 = fresh }
  }

  var module: DeliveryModule { running.withLock { $0.module } }
  var channels: Channels { running.withLock { $0.channels } }
  var dispatcher: Dispatcher { Dispatcher(context: module.context) }
  var watch: PartnerWatch { PartnerWatch(context: module.context) }

  func call<O: Operation>(_ operation: O, as caller: Caller) async throws(CallFailure<O.Refusal>) -> O.Reply {
    let board = running.withLock { $0.board }
    let result: Result<O.Reply, CallFailure<O.Refusal>> = await Caller.$current.withValue(caller) {
      do throws(CallFailure<O.Refusal>) { return .success(try await board.call(operation)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// The code of the refusal, or nil when there was none.
  func refusal<O: Operation>(_ operation: O, as caller: Caller) async -> String? {
    do throws(CallFailure<O.Refusal>) {
      _ = try await call(operation, as: caller)
      return nil
    } catch {
      switch error {
      case .refused(let refusal): return refusal.code
      case .denied(let denial): return denial.rawValue
      case .invalid(let input): return "invalid: \(input)"
      case .unavailable(let reason): return "unavailable: \(reason)"
      case .failed(let reason): return "failed: \(reason)"
      }
    }
  }

  // MARK: People

  func courier() -> Caller { Caller(user: ids.next(), roles: [.deliveryPartner]) }
  func customer() -> Caller { Caller(user: ids.next(), roles: [.customer]) }
  var staff: Caller { Caller(user: ids.next(), tenant: tenant, roles: [.manager]) }
  var stranger: Caller { Caller(user: ids.next(), tenant: ids.next(), roles: [.manager]) }
  var admin: Caller { Caller(user: ids.next(), roles: [.admin]) }

  /// A partner who is online at a place.
  func online(_ point: GeoPoint, _ caller: Caller? = nil) async throws -> Caller {
    let caller = caller ?? courier()
    _ = try await call(RegisterPartner(vehicleType: .bicycle, name: "Ada"), as: caller)
    _ = try await call(UpdatePartner(status: .available), as: caller)
    try await place(caller, point)
    return caller
  }

  func place(_ caller: Caller, _ point: GeoPoint) async throws {
    _ = try await call(RecordPositions(latitude: point.latitude, longitude: point.longitude), as: caller)
  }

  // MARK: Orders

  func notice(
    _ id: OrderID? = nil, customer: UserID? = nil, status: OrderStatus = .confirmed, version: Int = 2, fulfilment: Fulfilment = .delivery,
    from: GeoPoint = Town.center, to: GeoPoint? = nil, readyIn: Duration = .zero
  ) -> OrderNotice {
    OrderNotice(
      orderId: id ?? ids.next(), tenantId: tenant, restaurantId: restaurant, restaurantName: "Spice Route", restaurantPoint: from,
      restaurantAddress: "Main Street 1", customerId: customer ?? ids.next(), status: status, version: version, fulfilment: fulfilment,
      paymentMethod: .card, currency: .eur, total: Amount(units: 2549), deliveryFee: Amount(units: 299), tip: Amount(units: 200),
      deliveryAddress: fulfilment == .delivery
        ? DeliveryAddress(text: "Garden Lane 7", point: to ?? from.offset(northMeters: 1500, eastMeters: 0)) : nil,
      itemCount: 2, placedAt: time.now, readyAt: time.now + readyIn, reason: nil)
  }

  /// Tells Delivery how an order stands.
  func hear(_ order: OrderNotice) async throws {
    let name =
      switch order.status {
      case .pending: OrderCreated.name
      case .confirmed: OrderConfirmed.name
      case .preparing: OrderPreparing.name
      case .readyForPickup: OrderReady.name
      case .outForDelivery: OrderPickedUp.name
      case .delivered: OrderDelivered.name
      case .completed: OrderCompleted.name
      case .rejected: OrderRejected.name
      case .cancelled: OrderCancelled.name
      }
    let envelope = Envelope(
      id: ids.next(), name: name, version: 1, topic: .orders, time: time.now, tenant: tenant, aggregate: "order:\(order.orderId)",
      sequence: order.version, payload: RawJSON(OrderConfirmed(order: order)))
    for reaction in module.reactions where reaction.events.contains(name) {
      guard case .inTransaction(let prepare) = reaction.kind else { continue }
      try await database.write { try prepare(envelope)($0) }
    }
  }

  // MARK: Looking

  func delivery(of order: OrderID) async throws -> DeliveryRow? {
    try await database.read { try DeliveryStore(transaction: $0).find(of: order) }
  }

  func openOffer(of caller: Caller) async throws -> Offer? { try await call(ListOffers(), as: caller).items.first }

  func status(_ caller: Caller) async throws -> PartnerStatus { try await call(GetPartner(), as: caller).status }

  func count(_ sql: String) async throws -> Int {
    try await database.read { transaction in
      var count = 0
      try transaction.rows(sql, []) { _ in count += 1 }
      return count
    }
  }

  /// The names of the events published so far.
  func events() async throws -> [String] {
    try await database.read { transaction in
      var names: [String] = []
      try transaction.rows("SELECT event FROM delivery_outbox ORDER BY position", []) { names.append($0.text(0)) }
      return names
    }
  }

  func listen(_ channel: String) -> Ear {
    let ear = Ear()
    _ = channels.join(channel, cursor: nil, ear)
    return ear
  }
}

/// Keeps the frames of a channel.
final class Ear: Channels.Listener {
  private let kept = Mutex<[String]>([])
  func deliver(_ frame: [UInt8]) { kept.withLock { $0.append(String(decoding: frame, as: UTF8.self)) } }
  var frames: [String] { kept.withLock { $0 } }
  func count(_ type: String) -> Int { frames.count { $0.hasPrefix("{\"type\":\"\(type)\"") } }
}
