import ArgumentParser
import Foundation
import Gateway
import Hosting
import Identity
import Logging
import Observability
import Pages
import ServiceLifecycle
import Settings
import UnixSignals
import WebServer

/// Runs the platform until it is told to stop.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Run the platform: all of it in one process, or some services of it beside other processes.",
    discussion: """
      Prints one JSON line {"event":"listening","port":N} when it takes requests; a process without the gateway tells the port for
      operations of other processes. SIGTERM or SIGINT stops it: requests in hand are
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

  @Option(help: "Where the services hosted elsewhere are found (setting cluster.registry).")
  var registry: String?

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
      try await serve(Installation(settings, isServing: true))
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
    if let registry { given["cluster.registry"] = registry }
    if let speed { given["clock.speed"] = String(speed) }
    if let logLevel { given["log.level"] = logLevel }
    if demo {
      given["gateway.publicCity"] = "true"
      given["web.rateLimits"] = "false"  // Everybody in the demo city comes from one address.
    }
    return given
  }

  private func serve(_ installation: Installation) async throws {
    do { try await run(installation) } catch {
      await installation.close()
      throw error
    }
    await installation.close()
    Log("serve").info("stopped")
  }

  private func run(_ installation: Installation) async throws {
    let process = installation.process
    try await installation.awaitEngines()
    try await installation.cluster?.open()
    try await process.prepare()
    try await BusChoice.connect(process)
    let joined = try await installation.cluster?.join(process)
    if demo { try await DemoLife.createAdmin(seed: seed, over: process.switchboard) }
    // Stopped in reverse: first nobody new is let in, then what was begun is carried to its end.
    var services: [any Service] = installation.running.map(Running.init)
    if let joined { services.append(joined.looking) }
    services.append(Carrying(process: process))
    if let joined { services.append(joined.door) }
    if let gateway = installation.module(GatewayModule.self) {
      let listening = Listening()
      services.append(try web(gateway, installation, operationsPort: joined?.port, listening))
      if demo { services.append(DemoLife(listening: listening, seed: seed, time: installation.time, switchboard: process.switchboard)) }
      if let joined { services.append(Draining(gateway: gateway, then: joined.farewell)) }
    } else if let joined {
      services.append(joined.farewell)
      tell(port: joined.port, operationsPort: nil)
    }
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
        gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "serve")))
    try await group.run()
  }

  /// The server of the public routes: of all services, for those hosted elsewhere are reached through the switchboard.
  private func web(_ gateway: GatewayModule, _ installation: Installation, operationsPort: Int?, _ listening: Listening) throws -> WebServer {
    let authenticator = installation.module(IdentityModule.self)?.authenticator ?? gateway.authenticator
    let press = try FrontChoice.press(installation)
    return gateway.server(
      routes: ServiceChoice.all.flatMap { $0.routes }, version: productVersion, authenticator: authenticator,
      raw: press.routes(FrontChoice.all), problemPage: press.problemPage
    ) { port in
      tell(port: port, operationsPort: operationsPort)
      listening.isOn(port)
    }
  }

  private func tell(port: Int, operationsPort: Int?) {
    Log("serve").info("listening", ["port": port, "operationsPort": operationsPort])
    let operations = operationsPort.map { #","operationsPort":\#($0)"# } ?? ""
    say(#"{"event":"listening","port":\#(port)\#(operations)}"#)
  }
}

/// Carries events and runs jobs until the process stops.
private struct Carrying: Service {
  let process: ServiceProcess
  func run() async throws {
    await cancelWhenGracefulShutdown { await process.run() }
  }
}

/// Has load balancers turn elsewhere, before the process takes no more connections.
private struct Draining: Service {
  let gateway: GatewayModule
  let then: Cluster.Farewell
  func run() async throws {
    try? await gracefulShutdown()
    gateway.beginDraining()
    try await then.run()
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
