import Hosting
import Kernel
import Messaging
import Pages
import Persistence
import ServiceKit
import Settings

/// Everything one process is made of, put together from its settings.
///
/// Each part has a file in `Assembly`: it reads its settings when it is made, and opens something when it is asked to.
struct Installation {
  let settings: SettingsSource
  let time: TimeSource
  let ids: IdentifierSource
  let services: ServiceChoice
  /// How the pages of the web apps are made, where this process shows them.
  let pages: PagesSettings
  let database: any Database
  let process: ServiceProcess
  /// Waits for the engines that answer later than they are opened.
  let awaitEngines: @Sendable () async throws -> Void
  /// The other processes; nil where there are none, or a command only looks at the data.
  let cluster: Cluster?
  /// What engines do by themselves while the process runs.
  let running: [@Sendable () async -> Void]
  private let closing: [@Sendable () async -> Void]

  /// Opens the engines and builds the services; writes nothing yet.
  ///
  /// - Parameter isServing: whether the process is to call and be called by others.
  /// - Throws: `SettingsFault`, `CommandFault` or `Unavailable`, each in one line that says what to change.
  init(_ settings: SettingsSource, isServing: Bool = false) throws {
    self.settings = settings
    time = try Clock.time(settings)
    ids = IdentifierSource(time: time)
    services = try ServiceChoice(settings)
    let databaseChoice = try DatabaseChoice(settings)
    let clusterChoice = try ClusterChoice(settings, services)
    pages = try PagesSettings(settings)
    let database = try databaseChoice.open()
    let bus = try BusChoice(settings).open()
    let sharing = try SharingChoice(settings).open(services, time: time, ids: ids)
    self.database = database.value
    cluster = isServing ? try Cluster(clusterChoice, services, database: database.value, databaseChoice, time: time, ids: ids) : nil
    process = try ServiceProcess(
      services.hosted, settings: settings, database: database.value, bus: bus.value, remote: cluster?.leg, channels: sharing.value.channels,
      shared: sharing.value.memory, neighbours: cluster, time: time, ids: ids)
    awaitEngines = sharing.value.prepare
    running = [database.run, bus.run].compactMap(\.self)
    // The last opened first: what stands on another engine goes before it.
    closing = [{ [cluster] in await cluster?.close() }, sharing.close, bus.close, database.close]
    // One file of settings serves every process: those of services hosted elsewhere are known too.
    if !settings.unknown.isEmpty, !services.isAll { try Self.declare(settings) }
    if let first = settings.unknown.first {
      throw CommandFault("setting \(first) is not known; `tiffin settings --print` lists all there are")
    }
  }

  /// The settings that a process reads, without opening anything.
  ///
  /// - Throws: `SettingsFault` naming the first that is wrong.
  static func declare(_ settings: SettingsSource) throws {
    let time = try Clock.time(settings)
    let services = try ServiceChoice(settings)
    _ = try DatabaseChoice(settings)
    _ = try BusChoice(settings)
    _ = try SharingChoice(settings)
    _ = try ClusterChoice(settings, services)
    _ = try PagesSettings(settings)
    _ = try ServiceProcess(ServiceChoice.all, settings: settings, database: NoDatabase(), time: time, ids: IdentifierSource(time: time))
  }

  /// The service, when this process hosts it.
  func module<Module: ServiceModule>(_ type: Module.Type) -> Module? {
    for module in process.modules {
      if let module = module as? Module { return module }
    }
    return nil
  }

  /// Finishes what is in hand and closes the engines.
  func close() async { for close in closing { await close() } }
}

/// A database that is never asked: for reading the settings alone.
struct NoDatabase: Database {
  var engine: Engine { .sqlite }
  func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    throw Unavailable("there is no database")
  }
  func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    throw Unavailable("there is no database")
  }
}
