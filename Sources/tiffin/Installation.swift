import Catalog
import Delivery
import Foundation
import Gateway
import Hosting
import Identity
import Kernel
import Observability
import Notifications
import Ordering
import Payments
import Persistence
import PersistenceSQLite
import Pricing
import ServiceKit
import Settings

/// Everything one process is made of, put together from its settings.
struct Installation {
  /// Every service of the platform; the first of each pair that calls the other stands later.
  static let services: [any ServiceModule.Type] = [
    IdentityModule.self, CatalogModule.self, PricingModule.self, PaymentsModule.self, OrderingModule.self, DeliveryModule.self,
    NotificationsModule.self, GatewayModule.self
  ]

  let settings: SettingsSource
  let time: TimeSource
  let ids: IdentifierSource
  let database: SQLiteDatabase
  let process: ServiceProcess

  /// Opens the database and builds the services; writes nothing yet.
  ///
  /// - Throws: `SettingsFault`, `CommandFault` or `Unavailable`, each in one line that says what to change.
  init(_ settings: SettingsSource) throws {
    self.settings = settings
    time = try Clock.time(settings)
    ids = IdentifierSource(time: time)
    let path = settings.text("database.path", default: "tiffin.db", "The database file; made when there is none.")
    let readers = try settings.integer("database.readers", default: 4, within: 1...64, "How many reads run at the same time.")
    do { database = try SQLiteDatabase(path: path, readers: readers) } catch {
      throw CommandFault("setting database.path: \(error); choose a file in a folder that this user may write to")
    }
    process = try ServiceProcess(Self.services, settings: settings, database: database, time: time, ids: ids)
    let unknown = settings.unknown
    if let first = unknown.first {
      throw CommandFault("setting \(first) is not known; `tiffin settings --print` lists all there are")
    }
  }

  /// The settings that a process reads, without opening anything.
  ///
  /// - Throws: `SettingsFault` naming the first that is wrong.
  static func declare(_ settings: SettingsSource) throws {
    let time = try Clock.time(settings)
    _ = settings.text("database.path", default: "tiffin.db", "The database file; made when there is none.")
    _ = try settings.integer("database.readers", default: 4, within: 1...64, "How many reads run at the same time.")
    _ = try ServiceProcess(services, settings: settings, database: NoDatabase(), time: time, ids: IdentifierSource(time: time))
  }

  func module<Module: ServiceModule>(_ type: Module.Type) -> Module {
    for module in process.modules {
      if let module = module as? Module { return module }
    }
    preconditionFailure("\(type) is not hosted")
  }

  /// Finishes what is in hand and closes the file.
  func close() async { await database.close() }
}

/// A database that is never asked: for reading the settings alone.
private struct NoDatabase: Database {
  var engine: Engine { .sqlite }
  func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    throw Unavailable("there is no database")
  }
  func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    throw Unavailable("there is no database")
  }
}
