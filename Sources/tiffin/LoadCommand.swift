import ArgumentParser
import Foundation
import ServiceKit
import Settings
import Simulation
import WebClient
import Wire

/// Loads a server of this machine for a bounded time.
struct LoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load", abstract: "Load a server of this machine and measure what it does.",
    discussion: """
      menu reads a menu of fifty dishes; orders places them through the whole saga; positions sends them over couriers' sockets; sockets \
      opens many, on the channels of live orders, and measures from event to frame; bus needs no server, and sends events over a broker \
      to itself, where a queue or topic named load-... is left. The server's limits must be off (web.rateLimits=false).
      Exit code 0 when it ran, 1 when it could not or nothing succeeded.
      """)

  /// What is loaded: a server in one of four ways, or a broker.
  enum Scenario: ExpressibleByArgument {
    case server(LoadRun.Scenario), bus

    init?(argument: String) {
      guard argument != "bus" else { self = .bus; return }
      guard let way = LoadRun.Scenario(rawValue: argument) else { return nil }
      self = .server(way)
    }

    static var allValueStrings: [String] { LoadRun.Scenario.allCases.map(\.rawValue) + ["bus"] }
  }

  @Option(help: "menu, orders, positions, sockets or bus.")
  var scenario: Scenario

  @Option(help: ArgumentHelp("A running server of this machine; absent: one is started, and stopped afterwards.", valueName: "url"))
  var server: String?

  @Option(help: ArgumentHelp("With bus: the broker, as in the setting bus.url; absent: this process's memory.", valueName: "url"))
  var bus = ""

  @Option(help: ArgumentHelp("With menu and orders: so many requests a second, however long the answers take.", valueName: "number"))
  var rate: Double?

  @Option(help: "Connections, couriers or sockets; by default 16, and 10000 for sockets.")
  var connections: Int?

  @Option(help: "How long to load, at most an hour.")
  var seconds: Double = 10

  @Option(help: "End an orders run after this many orders instead.")
  var count: Int?

  @Flag(help: "With menu: make the menu and print its path, but do not load it.")
  var prepare = false

  @Flag(help: "With sockets: only open them and keep them open.")
  var hold = false

  @Flag(help: "Print one line of JSON.")
  var json = false

  func validate() throws {
    guard 1...100_000 ~= connections ?? 1 else { throw ValidationError("--connections must be from 1 to 100000") }
    guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds must be above 0 and at most 3600") }
    guard rate ?? 1 > 0 else { throw ValidationError("--rate must be above 0") }
    if let server {
      guard let address = WebAddress(server) else { throw ValidationError("--server takes an address such as http://127.0.0.1:8080") }
      guard address.isLoopback else { throw ValidationError("--server must be this machine: a load generator is not for servers of others") }
    }
  }

  func run() async throws {
    takeAllOpenFiles()
    guard case .server(let way) = scenario else { return try await reportingFaults { report(try await loadBus()) } }
    if let server, let address = WebAddress(server) { return try await load(address, way) }
    let child = try await ChildServer.start(speed: 1)
    do { try await load(child.place.address, way) } catch {
      await child.stop()
      throw error
    }
    await child.stop()
  }

  private func load(_ address: WebAddress, _ way: LoadRun.Scenario) async throws {
    let client = WebClient(address, connections: 64)
    let run = LoadRun(client, connections: connections ?? (way == .sockets ? 10_000 : 16), seconds: seconds, limit: count, pace: rate)
    let result: LoadResult
    do {
      result =
        if prepare { try await run.prepareMenu() } else if hold {
          try await run.hold {
            print(#"{"event":"open"}"#)
            fflush(nil)
          }
        } else { try await run.play(way) }
    } catch {
      await client.shutdown()
      throw error
    }
    await client.shutdown()
    report(result)
    if result.count == 0, !prepare { throw ExitCode(1) }
  }

  private func report(_ result: LoadResult) { say(json ? String(decoding: encode(result), as: UTF8.self) : result.text) }

  /// - Throws: `CommandFault` in one line when the broker is not there.
  private func loadBus() async throws -> LoadResult {
    let names = "load-\(UInt32.random(in: 0...UInt32.max))."
    let settings = SettingsSource(
      environment: ProcessInfo.processInfo.environment, commandLine: ["bus.url": bus, "bus.namespace": names])
    let opened = try BusChoice(settings).open()
    let result: Result<LoadResult, any Error>
    do { result = .success(try await BusLoad(opened.value, seconds: seconds).run()) } catch { result = .failure(error) }
    await opened.close()
    do { return try result.get() } catch let unavailable as Unavailable {
      throw CommandFault("--bus: \(unavailable); start the broker, or name another")
    }
  }
}
