import CatalogAPI
import Hosting
import IdentityAPI
import Kernel
import Messaging
import Persistence
import Realtime
import Sagas
import ServiceKit
import Settings
import Synchronization
import TestKit
import Testing
import Wire

@testable import Catalog

/// The catalogue on a database of its own, with Identity played by the test.
final class CatalogBench: Sendable {
  let time: ManualTime
  let ids: IdentifierSource
  let database: TestDatabase
  let switchboard: Switchboard
  let module: CatalogModule
  private let granted = Mutex<[GrantRole]>([])
  private let grantAnswer = Mutex<GrantRoleRefusal?>(nil)
  private let wakes = Mutex(0)

  init(_ delivery: Switchboard.LocalDelivery = .direct, settings: [String: String] = [:]) async throws {
    time = ManualTime(instant("2026-06-01T10:00:00Z"))
    ids = time.ids()
    database = try await temporaryDatabase(CatalogModule.migrations + Outbox.migrations(for: "catalog"))
    switchboard = Switchboard(delivery: delivery)
    module = try CatalogModule(
      Host(
        database: database, switchboard: switchboard, outbox: Outbox(service: "catalog", time: time.source, ids: ids, committed: { _, _ in }),
        sagas: SagaRunner(service: "catalog", database: database, time: time.source), channels: Channels(epoch: "test", time: time.source),
        time: time.source, ids: ids, settings: SettingsSource(commandLine: settings)))
    switchboard.host(module.operations)
    switchboard.host([
      Hosted(GrantRole.self) { [self] request in
        if let refusal = grantAnswer.withLock({ $0 }) { throw refusal }
        granted.withLock { $0.append(request) }
        return Done()
      }
    ])
  }

  var grants: [GrantRole] { granted.withLock { $0 } }
  func refuseGrants(_ refusal: GrantRoleRefusal?) { grantAnswer.withLock { $0 = refusal } }

  /// Asks as somebody.
  func ask<O: Operation>(_ operation: O, as caller: Caller) async throws -> O.Reply {
    try await Caller.$current.withValue(caller) { try await switchboard.call(operation) }
  }

  /// What came of asking, as one word.
  func outcome<O: Operation>(_ operation: O, as caller: Caller) async -> String {
    do {
      _ = try await ask(operation, as: caller)
      return "ok"
    } catch let failure as CallFailure<O.Refusal> {
      switch failure {
      case .refused(let refusal): return refusal.code
      case .denied(let denial): return denial.rawValue
      case .invalid(let faults): return faults.all.map(\.path).joined(separator: " ")
      case .unavailable, .failed: return "\(failure)"
      }
    } catch { return "\(error)" }
  }

  /// Hands an event to every reaction that hears it, as the relay does.
  func hear<E: Event>(_ event: E) async throws {
    let envelope = Envelope(
      id: ids.next(), name: E.name, version: E.version, topic: E.topic, time: time.now, tenant: event.tenant, aggregate: event.aggregate,
      sequence: 1, payload: RawJSON(event))
    for reaction in module.reactions where reaction.events.contains(E.name) {
      guard case .inTransaction(let prepare) = reaction.kind else { continue }
      try await database.write { try prepare(envelope)($0) }
    }
  }

  /// The names of the events in the outbox, in order.
  func events() async throws -> [String] {
    try await database.read { try $0.all("SELECT event FROM catalog_outbox ORDER BY position") { $0.text(0) } }
  }

  func count(_ table: String) async throws -> Int {
    try await database.read { try $0.first("SELECT COUNT(*) FROM \(table)") { $0.integer(0) } ?? -1 }
  }

  func customer() -> Caller { Caller(user: ids.next(), roles: [.customer]) }

  /// A tenant and its owner.
  func found(_ name: String = "Trattoria Group") async throws -> (tenant: Tenant, owner: Caller) {
    var owner = customer()
    let tenant = try await ask(CreateTenant(name: name), as: owner)
    owner.tenant = tenant.id
    owner.roles = [.owner]
    return (tenant, owner)
  }

  func staff(_ role: Role, of tenant: TenantID) -> Caller { Caller(user: ids.next(), tenant: tenant, roles: [role]) }

  var admin: Caller { Caller(user: UserID(high: 1, low: 1), roles: [.admin]) }

  /// A restaurant that is always open, with one category and one dish of one required size and free toppings.
  func restaurant(of owner: Caller, _ change: (inout CreateRestaurant) -> Void = { _ in }) async throws -> Place {
    var request = Self.request()
    change(&request)
    let restaurant = try await ask(request, as: owner)
    let category = try await ask(CreateCategory(restaurantId: restaurant.id, name: "Pizza"), as: owner)
    let item = try await ask(
      CreateMenuItem(
        restaurantId: restaurant.id, categoryId: category.id, name: "Margherita", price: Amount(units: 950, scale: 2),
        optionGroups: [
          OptionGroupDraft(
            name: "Size", minimum: 1, maximum: 1,
            options: [OptionDraft(name: "Small"), OptionDraft(name: "Large", price: Amount(units: 250, scale: 2))]),
          OptionGroupDraft(
            name: "Toppings", maximum: 2,
            options: [
              OptionDraft(name: "Basil", price: Amount(units: 50, scale: 2)), OptionDraft(name: "Olives", price: Amount(units: 75, scale: 2)),
              OptionDraft(name: "Truffle", price: Amount(units: 5, scale: 0), isAvailable: false), OptionDraft(name: "Rucola")
            ])
        ]), as: owner)
    return Place(restaurant: restaurant, category: category, item: item)
  }

  struct Place: Sendable {
    var restaurant: Restaurant
    var category: MenuCategory
    var item: MenuItem
    var sizes: [MenuOption] { item.optionGroups[0].options }
    var toppings: [MenuOption] { item.optionGroups[1].options }
  }

  static func request(_ name: String = "Da Mario", currency: Currency = .usd) -> CreateRestaurant {
    CreateRestaurant(
      name: name, cuisineTypes: ["Italian", "pizza"], address: "1 Main Street", point: GeoPoint(latitude: 40.7128, longitude: -74.006),
      timeZone: "America/New_York", currency: currency, openingHours: .daily([interval("00:00-24:00")]))
  }
}
