import ArgumentParser
import Foundation
import Gateway
import Hosting
import Identity
import Logging
import Observability
import ServiceLifecycle
import Settings
import UnixSignals

/// Runs the platform until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Run the whole platform in one process, on one database file or on PostgreSQL.",
    discussion: """
      Prints one JSON line {"event":"listening","port":N} when it takes requests. SIGTERM or SIGINT stops it: requests in hand are
      finished first. Exit code 0 after a clean stop, 1 when it could not start.
      """)

  @OptionGroup var options: SettingsOptions

  @Option(help: "The address to listen on (setting web.host).")
  var host: String?

  @Option(help: "The port to listen on; 0 takes a free one (setting web.port).")
  var port: Int?

  @Option(help: "The services to host, such as ordering,payments; all without it (setting cluster.services).")
  var services: String?

  @Option(help: "The Redis that nodes share (setting redis.url).")
  var redis: String?

  @Option(help: "What carries events, such as amqp://host or kafka://host:9092; this process alone without it (setting bus.url).")
  var bus: String?

  @Option(help: "How many times as fast as the machine's the clock runs (setting clock.speed).")
  var speed: Double?

  @Flag(help: "Found a demo city and let it live; prints who can sign in.")
  var demo = false

  @Option(help: "What the demo city is made from.")
  var seed: UInt64 = 1

  @Option(help: "The least important messages to log: debug, info, warning or error (setting log.level).")
  var logLevel: String?

  func run() async throws {
    try await reportingFaults {
      let settings = try options.source(adding: given)
      let level = settings.text("log.level", default: "info", "The least important messages to log: debug, info, warning or error.")
      guard let threshold = Log.Level(level) else {
        throw SettingsFault(name: "log.level", problem: "must be debug, info, warning or error, not \"\(level)\"")
      }
      Log.configure(level: threshold)
      LoggingSystem.bootstrap { LogBridge(label: $0, level: threshold == .debug ? .debug : .info) }
      raiseOpenFileLimit()
      try await serve(Installation(settings))
    }
  }

  /// What the options say, as settings.
  private var given: [String: String] {
    var given: [String: String] = [:]
    if let host { given["web.host"] = host }
    if let port { given["web.port"] = String(port) }
    if let services { given["cluster.services"] = services }
    if let redis { given["redis.url"] = redis }
    if let bus { given["bus.url"] = bus }
    if let speed { given["clock.speed"] = String(speed) }
    if let logLevel { given["log.level"] = logLevel }
    if demo {
      given["gateway.publicCity"] = "true"
      given["web.rateLimits"] = "false"  // Everybody in the demo city comes from one address.
    }
    return given
  }

  private func serve(_ installation: Installation) async throws {
    let process = installation.process
    do {
      try await installation.awaitEngines()
      try await process.prepare()
    } catch {
      await installation.close()
      throw error
    }
    try await BusChoice.connect(process)
    if demo { try await DemoLife.createAdmin(seed: seed, over: process.switchboard) }
    guard let gateway = installation.module(GatewayModule.self), let authenticator = installation.module(IdentityModule.self)?.authenticator else {
      throw SettingsFault(name: "cluster.services", problem: "must name gateway and identity, for nothing else opens a port")
    }
    let log = Log("serve")
    let listening = Listening()
    let web = gateway.server(routes: process.routes, version: productVersion, authenticator: authenticator) { port in
      log.info("listening", ["port": port])
      say(#"{"event":"listening","port":\#(port)}"#)
      listening.isOn(port)
    }
    var services: [any Service] = installation.running.map(Running.init) + [Carrying(process: process), web]
    if demo { services.append(DemoLife(listening: listening, seed: seed, time: installation.time)) }
    // Stopped in reverse: first nobody new is let in, then what was begun is carried to its end.
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
        gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "serve")))
    do { try await group.run() } catch {
      await installation.close()
      throw error
    }
    await installation.close()
    log.info("stopped")
  }
}

/// Carries events and runs jobs until the process stops.
private struct Carrying: Service {
  let process: ServiceProcess
  func run() async throws {
    await cancelWhenGracefulShutdown { await process.run() }
  }
}

/// What an engine does by itself until the process stops.
private struct Running: Service {
  let body: @Sendable () async -> Void
  func run() async throws {
    await cancelWhenGracefulShutdown { await body() }
  }
}

/// Prints one line for the person, or program, that started this.
func say(_ line: String) {
  print(line)
  fflush(nil)
}

/// Ten thousand sockets need as many open files; takes what the machine allows.
private func raiseOpenFileLimit() {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
  limit.rlim_cur = limit.rlim_max
  _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
