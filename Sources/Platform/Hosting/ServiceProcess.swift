public import Caching
import Kernel
import Logging
public import Messaging
public import Persistence
public import Realtime
import Sagas
public import ServiceKit
public import Settings
import Synchronization

/// The services that one process hosts: builds them, keeps their tables, carries their events, runs their jobs, and stops them.
///
///     let process = try ServiceProcess([OrderingModule.self, PaymentsModule.self], settings: settings, database: database, ...)
///     try await process.prepare()
///     try await process.run()   // until the task is cancelled
public final class ServiceProcess: Sendable {
  private struct Hosted: Sendable {
    let type: any ServiceModule.Type
    let module: any ServiceModule
    let relay: Relay
    let subscriber: Subscriber
    let jobs: [Job]
  }

  public let database: any Database
  public let switchboard: Switchboard
  public let channels: Channels
  public let settings: SettingsSource
  public let time: TimeSource
  /// What carries the events; opened by `connect`, closed at the end of `run`.
  public let bus: any Bus
  private let services: [Hosted]
  private let keepInbox: Duration
  private let isReady = Atomic(false)
  private let logger = Logger(label: "tiffin.process")

  /// Builds the services; no I/O yet.
  ///
  /// - Parameters:
  ///   - types: the services to host: all, or some when others are reached through `remote`.
  ///   - neighbours: the processes beside this one, for what tells of them.
  ///   - operations: further operations answered here, such as those that stand for services in tests.
  ///   - sagaPauses: see `SagaRunner`.
  /// - Throws: `SettingsFault` naming the setting that is wrong.
  public init(
    _ types: [any ServiceModule.Type], settings: SettingsSource, database: any Database, bus: any Bus = InProcessBus(),
    delivery: Switchboard.LocalDelivery = .direct, remote: Switchboard.RemoteLeg? = nil, operations: [any HostedOperation] = [],
    channels: Channels? = nil, shared: Neighbourhood? = nil, neighbours: (any Neighbours)? = nil, time: TimeSource, ids: IdentifierSource,
    sagaPauses: [Duration] = [.milliseconds(50), .milliseconds(250), .seconds(1)]
  ) throws {
    self.database = database
    self.settings = settings
    self.time = time
    self.bus = bus
    switchboard = remote.map { Switchboard(operations, delivery: delivery, remote: $0) } ?? Switchboard(operations, delivery: delivery)
    self.channels = channels ?? Channels(epoch: ids.word(8), time: time)
    let attempts = try settings.integer(
      "messaging.attempts", default: 8, within: 1...100, "How often a reaction to an event is tried before the event lies among the dead letters.")
    keepInbox = try settings.duration("messaging.inboxDays", default: 3, within: 1...365, "How long a service remembers which events it has handled.")
    var services: [Hosted] = []
    for type in types {
      let name = type.name
      let relay = Relay(service: name, database: database, bus: bus, time: time)
      let outbox = Outbox(service: name, time: time, ids: ids, isHeard: bus.hears) { position, envelope in
        // Looped back, an event goes the long way through its row, so that it is seen to come back as it went.
        relay.take(position, delivery == .direct ? envelope : nil)
      }
      let sagas = SagaRunner(service: name, database: database, time: time, quickPauses: sagaPauses)
      let module = try type.init(
        Host(
          database: database, switchboard: switchboard, outbox: outbox, sagas: sagas, channels: self.channels, shared: shared,
          neighbours: neighbours, busStatus: { bus.status }, time: time, ids: ids, settings: settings))
      switchboard.host(module.operations)
      let subscriber = Subscriber(
        service: name, reactions: module.reactions, database: database, time: time, ids: ids, attempts: attempts, missed: module.mayHaveMissed)
      for subscription in subscriber.subscriptions { bus.subscribe(subscription) }
      services.append(Hosted(type: type, module: module, relay: relay, subscriber: subscriber, jobs: module.jobs))
    }
    self.services = services
    for name in names { switchboard.host(deadLetters(of: name)?.operations ?? []) }
  }

  /// The names of the services hosted here.
  public var names: [String] { services.map { $0.type.name } }
  /// Every URL of the services hosted here.
  public var routes: [Route] { services.flatMap { $0.type.routes } }
  /// The services that those hosted here call and that are hosted elsewhere, by name, each with one that calls it.
  public var callsElsewhere: [(service: String, caller: String)] {
    let here = Set(names)
    var seen: Set<String> = []
    return services.flatMap { service in service.type.calls.map { (service: $0, caller: service.type.name) } }
      .filter { !here.contains($0.service) && seen.insert($0.service).inserted }
  }
  /// The services themselves, for what wires their parts together.
  public var modules: [any ServiceModule] { services.map(\.module) }
  /// Whether the tables exist and the services have recovered.
  public var isPrepared: Bool { isReady.load(ordering: .acquiring) }

  /// The tables of these services, with those that every service has, each once.
  public static func migrations(of types: [any ServiceModule.Type]) -> [Migration] {
    var seen: Set<String> = []
    return types.flatMap { type in
      Outbox.migrations(for: type.name) + Inbox.migrations(for: type.name) + SagaRunner.migrations(for: type.name)
        + Idempotency.migrations(for: type.name) + type.migrations
    }
    .filter { seen.insert($0.name).inserted }
  }

  /// Brings the tables up to date and lets every service recover from its store.
  public func prepare() async throws {
    try await database.migrate(Self.migrations(of: services.map(\.type)))
    for service in services { try await service.subscriber.prepare() }
    for service in services { try await Caller.$current.withValue(.system) { try await service.module.recover() } }
    isReady.store(true, ordering: .releasing)
  }

  /// Opens the bus: after `prepare`, as deliveries begin, and before `run`.
  ///
  /// - Throws: `Unavailable` when the broker is not there.
  public func connect() async throws { try await bus.open() }

  /// Whether the database answers.
  public var isReadable: Bool {
    get async { (try? await database.read { try $0.first("SELECT 1") { $0.integer(0) } }) != nil }
  }

  /// The events that a service gave up on; nil when it is not hosted here.
  public func deadLetters(of service: String) -> DeadLetters? {
    services.first { $0.type.name == service }.map { hosted in
      DeadLetters(service: service, database: database, time: time) { hosted.subscriber.wake() }
    }
  }

  /// Whether every event has reached everyone, apart from those that failed and wait for another try.
  public func isSettled() async throws -> Bool {
    let names = names
    // One snapshot of all: an event leaves its outbox only after what its reactions published is in theirs.
    return try await database.read { transaction in
      for name in names where try transaction.first("SELECT 1 FROM \(name)_outbox LIMIT 1", as: { _ in true }) ?? false { return false }
      return true
    }
  }

  // MARK: Running

  /// Carries events and runs jobs until the task is cancelled, then finishes within `grace` what is in hand.
  ///
  /// - Parameter isWithJobs: tests that want to run jobs by hand say no.
  public func run(grace: Duration = .seconds(5), isWithJobs: Bool = true) async {
    // Not a child of this task: a reaction in hand is not to be cancelled with it, but given time.
    let reactions = Task { [services] in
      await withTaskGroup(of: Void.self) { group in for service in services { group.addTask { await service.subscriber.run() } } }
    }
    await withTaskGroup(of: Void.self) { group in
      for service in services {
        group.addTask { await service.relay.run() }
        if !isWithJobs { continue }
        for job in service.jobs { group.addTask { await self.repeatedly(job, of: service.type.name) } }
      }
      if isWithJobs {
        group.addTask { await self.repeatedly(Job("prune", every: .seconds(3600)) { try await self.prune() }, of: "process") }
      }
      await group.waitForAll()
      for service in services { service.subscriber.stop() }
    }
    await finish(reactions, within: grace)
    await bus.close()
    for service in services { await service.relay.removeConfirmed() }
  }

  /// Forgets what is remembered for a time only: handled events and idempotency keys.
  public func prune() async throws {
    let before = time.now - keepInbox
    for service in services {
      let inbox = Inbox(service: service.type.name)
      let keys = Idempotency(service: service.type.name, time: time)
      while try await database.write({ try inbox.prune(before: before, in: $0) }) > 0 { try Task.checkCancellation() }
      while try await database.write({ try keys.prune(in: $0) }) > 0 { try Task.checkCancellation() }
    }
  }

  private func repeatedly(_ job: Job, of service: String) async {
    while (try? await time.sleep(for: job.pause)) != nil {
      // Another process may have it: it is asked again each time, as that one may die.
      if !job.isOnEveryNode, await !database.peers.holds("jobs \(service)") { continue }
      do { try await Caller.$current.withValue(.system) { try await job.run() } } catch is CancellationError {
        return
      } catch {
        logger.error("a job failed and will run again", metadata: ["job": "\(service).\(job.name)", "error": "\(error)"])
      }
    }
  }

  private func finish(_ reactions: Task<Void, Never>, within grace: Duration) async {
    // Real time, not the services': this is about the patience of whoever stops the process.
    let limit = Task {
      try? await ContinuousClock().sleep(for: grace)
      reactions.cancel()
    }
    await reactions.value
    limit.cancel()
  }
}
