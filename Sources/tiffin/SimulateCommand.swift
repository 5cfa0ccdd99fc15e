import ArgumentParser
import Foundation
import ServiceKit
import Simulation
import WebClient

/// Plays a real day against a server, and checks from outside what the platform promises.
struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Play a real city's day of orders against a server, over HTTP and sockets only.",
    discussion: """
      Exit code 0: the day kept every promise, and fewer of its orders than allowed stayed undelivered. 1: a promise was broken, too many
      were undelivered, or the day could not be played.
      """)

  @Option(help: ArgumentHelp("The directory of a Meal Delivery Routing instance.", valueName: "directory"))
  var mdrp: String?

  @Option(help: "How many times as fast the clock of the server that is started runs.")
  var speed: Double = 60

  @Option(help: ArgumentHelp("A running server to play against; absent: one is started, and stopped afterwards.", valueName: "url"))
  var server: String?

  @Option(help: "The administrator of a running server, whose reads the checks need.")
  var adminEmail: String?

  @Option(help: "The administrator's password.")
  var adminPassword: String?

  @Option(help: ArgumentHelp("Write the day in the three text files of the instances' public evaluator.", valueName: "directory"))
  var out: String?

  @Option(help: "Play only the first orders of the day.")
  var limit: Int?

  @Option(help: ArgumentHelp("Play only the orders placed from this time of the day on, such as 9:30.", valueName: "h:mm"))
  var from: MinuteOfDay?

  @Option(help: ArgumentHelp("Play only the orders placed before this time of the day.", valueName: "h:mm"))
  var until: MinuteOfDay?

  @Flag(help: "Print the settings that a server needs for a day at this speed, and do nothing else.")
  var printSettings = false

  @Option(help: "What picks who orders and who pays in cash.")
  var seed: UInt64 = 1

  @Option(help: "Seconds of the day between two positions of a courier.")
  var positionSeconds: Int = 15

  @Flag(help: "Have a dispatcher give what stands on the manual list to the nearest idle courier.")
  var dispatcher = false

  @Option(help: ArgumentHelp("Which share of the orders must not stay undelivered.", valueName: "percent"))
  var undelivered: Double = 5

  @Flag(help: "Keep the database and the log of the server that was started.")
  var keep = false

  @Option(
    name: .customLong("set"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A setting of the server that is started. May be given again.", valueName: "name=value"))
  var settings: [String] = []

  func validate() throws {
    guard mdrp != nil || printSettings else { throw ValidationError("--mdrp names the directory of the day to play") }
    guard from?.minute ?? 0 < until?.minute ?? .max else { throw ValidationError("--from must come before --until") }
    guard speed >= 0.01, speed <= 10_000 else { throw ValidationError("--speed must be from 0.01 to 10000") }
    guard limit ?? 1 > 0 else { throw ValidationError("--limit must be at least 1") }
    guard undelivered > 0, undelivered <= 100 else { throw ValidationError("--undelivered must be above 0 and at most 100") }
    guard positionSeconds > 0 else { throw ValidationError("--position-seconds must be at least 1") }
    if let server, WebAddress(server) == nil { throw ValidationError("--server takes an address such as http://127.0.0.1:8080") }
    if server != nil, adminEmail == nil || adminPassword == nil {
      throw ValidationError("--server needs --admin-email and --admin-password, for the checks read payments and the ledger")
    }
  }

  func run() async throws {
    guard let mdrp, !printSettings else {
      for setting in ChildServer.settings(speed: speed, positionSeconds: positionSeconds, origin: Clock.machineTime().now) { print(setting) }
      return
    }
    var instance = try Instance(directory: mdrp)
    if from != nil || until != nil { instance = instance.between((from?.minute ?? 0)..<(until?.minute ?? .max)) }
    guard !instance.orders.isEmpty else { throw CommandFault("no order of \(mdrp) is placed at that time of the day") }
    if let limit { instance = instance.limited(to: limit) }
    takeAllOpenFiles()
    if let server, let address = WebAddress(server), let adminEmail, let adminPassword {
      return try await play(instance, at: address, email: adminEmail, password: adminPassword)
    }
    let fresh = ChildServer.staleSeconds(speed: speed, positionSeconds: positionSeconds)
    let child = try await ChildServer.start(
      speed: speed, settings: ["delivery.positionStaleSeconds=\(fresh)"] + settings, isKept: keep)
    do {
      print("server of its own at \(child.place.address), process \(child.place.processIdentifier), in \(child.place.directory)")
      try await play(instance, at: child.place.address, email: child.place.adminEmail, password: child.place.adminPassword)
    } catch {
      await child.stop()
      throw error
    }
    await child.stop()
  }

  private func play(_ instance: Instance, at address: WebAddress, email: String, password: String) async throws {
    let client = WebClient(address, connections: 64)
    let isTerminal = isatty(STDOUT_FILENO) == 1
    var options = SimulatedDay.Options(adminEmail: email, adminPassword: password, run: String(UInt32.random(in: 0...UInt32.max), radix: 36))
    options.seed = seed
    options.positionSeconds = positionSeconds
    options.hasDispatcher = dispatcher
    options.progressSeconds = isTerminal ? 1 : 10
    let day = SimulatedDay(instance, client: client, options: options) { line in
      // On a terminal each progress line takes the place of the one before; a breach stays.
      let stays = !isTerminal || line.hasPrefix("BREACH")
      print(isTerminal ? "\r\u{1B}[K\(line)" : line, terminator: stays ? "\n" : "")
      fflush(nil)
    }
    let outcome: SimulatedDay.Outcome
    do { outcome = try await day.play() } catch {
      await client.shutdown()
      throw error
    }
    await client.shutdown()
    print(outcome.table.text)
    if let out {
      try outcome.files.write(to: out)
      print("the day stands in \(out)/solution_info_{assignments,orders,couriers}.txt")
    }
    for breach in outcome.breaches.prefix(50) { print("BREACH \(breach)") }
    print(outcome.breaches.isEmpty ? "no breach" : "\(outcome.breaches.count) breaches")
    let percent = outcome.table.record.undeliveredShare * 100
    let isMany = percent >= undelivered
    if isMany { print(String(format: "TOO MANY UNDELIVERED: %.1f %% of the orders, allowed are fewer than %g %%", percent, undelivered)) }
    fflush(nil)
    if !outcome.breaches.isEmpty || isMany { throw ExitCode(1) }
  }
}

/// A time of the day as `9:30`.
struct MinuteOfDay: ExpressibleByArgument {
  let minute: Int

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let hour = parts[0], let minute = parts[1], 0...48 ~= hour, 0..<60 ~= minute else { return nil }
    self.minute = hour * 60 + minute
  }
}
