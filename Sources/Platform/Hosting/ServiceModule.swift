public import Caching
public import Messaging
public import Persistence
public import Realtime
public import Sagas
public import ServiceKit
public import Settings

/// One service as the process hosts it: made from what the host gives, offering what it answers, hears and does by itself.
public protocol ServiceModule: Sendable {
  /// In lower case; the first part of its operations' addresses and of its tables' names.
  static var name: String { get }
  /// The services whose operations it calls: each hosted in the same process, or found elsewhere when a process starts.
  static var calls: [String] { get }
  /// Every URL of the service.
  static var routes: [Route] { get }
  /// Its own tables; the host adds those of outbox, inbox and sagas.
  static var migrations: [Migration] { get }

  /// Reads the settings and builds the service; no I/O yet.
  ///
  /// - Throws: `SettingsFault` naming the setting that is wrong.
  init(_ host: Host) throws

  var operations: [any HostedOperation] { get }
  var reactions: [Reaction] { get }
  var jobs: [Job] { get }

  /// Runs once after the tables exist and before the first request: recovery from the store.
  func recover() async throws

  /// Forgets what hangs on having heard every event that every node hears: some may have been missed.
  func mayHaveMissed()
}

extension ServiceModule {
  public static var calls: [String] { [] }
  public static var migrations: [Migration] { [] }
  public var reactions: [Reaction] { [] }
  public var jobs: [Job] { [] }
  public func recover() async throws {}
  public func mayHaveMissed() {}
}

/// What a process gives to each service that it hosts.
public struct Host: Sendable {
  public let database: any Database
  public let switchboard: Switchboard
  public let outbox: Outbox
  public let sagas: SagaRunner
  public let channels: Channels
  /// What is shared with other nodes in passing; with nobody where there is one node.
  public let shared: Neighbourhood
  public let time: TimeSource
  public let ids: IdentifierSource
  public let settings: SettingsSource
  /// The processes beside this one; nil in an installation that is one process.
  public let neighbours: (any Neighbours)?
  /// How what carries the events is.
  public let busStatus: @Sendable () -> BusStatus

  public init(
    database: any Database, switchboard: Switchboard, outbox: Outbox, sagas: SagaRunner, channels: Channels, shared: Neighbourhood? = nil,
    neighbours: (any Neighbours)? = nil, busStatus: @escaping @Sendable () -> BusStatus = { InProcessBus().status }, time: TimeSource,
    ids: IdentifierSource, settings: SettingsSource
  ) {
    self.database = database
    self.switchboard = switchboard
    self.outbox = outbox
    self.sagas = sagas
    self.channels = channels
    self.shared = shared ?? .alone(time: time)
    self.time = time
    self.ids = ids
    self.settings = settings
    self.neighbours = neighbours
    self.busStatus = busStatus
  }
}

/// Something a service does by itself again and again: one process for all that host the service, or each of them.
public struct Job: Sendable {
  public let name: String
  /// The pause between the end of one run and the start of the next, on the service's time.
  public let pause: Duration
  /// Whether every process does it: what keeps the process's own memory right.
  public let isOnEveryNode: Bool
  public let run: @Sendable () async throws -> Void

  public init(_ name: String, every pause: Duration, onEveryNode isOnEveryNode: Bool = false, run: @escaping @Sendable () async throws -> Void) {
    self.name = name
    self.pause = pause
    self.isOnEveryNode = isOnEveryNode
    self.run = run
  }
}
