import Discovery
import Foundation
import Persistence
import RedisClient
import ServiceKit
import Settings

/// How a process finds the others of its installation, and how they reach it.
struct ClusterChoice {
  /// Where instances are registered.
  enum Place {
    /// A list that is written in the setting.
    case list(StaticRegistry)
    /// A table in the process's own database.
    case ownDatabase
    /// A table in a database of its own.
    case database(String)
    /// The Redis of `redis.url`.
    case redis(RedisAddress, RedisOptions)
  }

  /// Nil in an installation that is one process.
  let place: Place?
  let host: String
  let port: Int
  /// What the others are told; empty: the host and the port that it listens on.
  let address: String
  let secrets: [String]
  let wait: Duration
  let drain: Duration
  let window: Duration
  let patience: Duration
  let loops: Int

  static let registry = "cluster.registry"

  /// - Throws: `SettingsFault` naming the setting that is wrong or missing.
  init(_ settings: SettingsSource, _ services: ServiceChoice) throws {
    let written = settings.text(
      Self.registry, default: "",
      "Where the processes find each other: database, database:PLACE, redis, or static:ordering=http://host:port,...; empty: this process is all.")
    let secret = settings.text(
      "cluster.secret", default: "", isSecret: true,
      "What the processes of an installation share, to sign the calls between them; 16 characters at least.")
    let previous = settings.text(
      "cluster.previousSecret", default: "", isSecret: true, "A secret that is still believed while a new one is given to each process.")
    host = settings.text("cluster.host", default: "127.0.0.1", "The address on which operations of other processes are taken.")
    port = try settings.integer("cluster.port", default: 0, within: 0...65_535, "The port for operations of other processes; 0 takes any free one.")
    address = settings.text(
      "cluster.address", default: "", "Where the other processes reach this one, such as http://10.0.0.7:3004; empty: cluster.host and cluster.port.")
    wait = try settings.duration("cluster.waitSeconds", default: 30, within: 0...3600, "How long a start waits for the services that it calls.")
    drain = try settings.duration(
      "cluster.drainSeconds", default: 1, within: 0...300, "How long a stopping process still takes requests, after it said that it stops.")
    window = try settings.duration(
      "cluster.clockSkewSeconds", default: 10, within: 1...300, "How far the machines' clocks may be apart, for signed calls to be believed.")
    patience = try settings.duration(
      "cluster.callTimeoutSeconds", default: 10, within: 1...300, "How long a call to another process may take, where its caller says nothing.")
    let cores = max(1, ProcessInfo.processInfo.activeProcessorCount)
    let given = try settings.integer(
      "cluster.loops", default: 0, within: 0...64, "Event loops for calls between processes; 0 takes half as many as cores.")
    loops = given > 0 ? given : max(1, cores / 2)
    place = try Self.place(written, settings)
    secrets = [secret, previous].filter { !$0.isEmpty }
    if place == nil {
      guard services.isAll else {
        throw SettingsFault(
          name: Self.registry, problem: "must say where the other services are found (database or static:...), for cluster.services does not name all"
        )
      }
      return
    }
    guard secret.utf8.count >= 16 else {
      throw SettingsFault(
        name: "cluster.secret",
        problem: secret.isEmpty
          ? "is missing: give every process the same, such as the output of `openssl rand -hex 32`"
          : "must have at least 16 characters, such as the output of `openssl rand -hex 32`")
    }
    if !previous.isEmpty, previous.utf8.count < 16 {
      throw SettingsFault(name: "cluster.previousSecret", problem: "must have at least 16 characters, as the secret had")
    }
    if !address.isEmpty, PeerAddress(address) == nil {
      throw SettingsFault(name: "cluster.address", problem: "must be written as http://host:port, not \"\(address)\"")
    }
  }

  private static func place(_ written: String, _ settings: SettingsSource) throws -> Place? {
    if written.isEmpty { return nil }
    if written == "database" { return .ownDatabase }
    if written == "redis" {
      let sharing = try SharingChoice(settings)
      guard let address = sharing.address else { throw SettingsFault(name: registry, problem: "is redis, but redis.url names none; set that too") }
      return .redis(address, sharing.options)
    }
    if written.hasPrefix("database:") { return .database(String(written.dropFirst(9))) }
    guard written.hasPrefix("static:") else {
      throw SettingsFault(
        name: registry, problem: "must be database, database:PLACE, redis or static:service=http://host:port,..., not \"\(written)\"")
    }
    do { return .list(try StaticRegistry(String(written.dropFirst(7)))) } catch { throw SettingsFault(name: registry, problem: "\(error)") }
  }

  /// - Parameter own: the process's database, opened.
  /// - Throws: `CommandFault` in one line that names the setting.
  func open(_ own: any Database, _ choice: DatabaseChoice, machineTime: TimeSource) throws -> Opened<any Registry>? {
    switch place {
    case nil: return nil
    case .list(let registry): return Opened(registry)
    case .redis(let address, let options):
      // Connections of its own: what is known of the others does not wait behind a flood of other commands.
      var options = options
      options.connections = 1
      let client: RedisClient
      do { client = try RedisClient(address, options) } catch { throw SettingsFault(name: "redis.url", problem: "\(error)") }
      return Opened(RedisRegistry(client, time: machineTime), close: { await client.close() })
    case .ownDatabase: return Opened(DatabaseRegistry(own, time: machineTime))
    case .database(let place):
      let opened = try choice.open(place, named: Self.registry)
      return Opened(DatabaseRegistry(opened.value, time: machineTime), run: opened.run, close: opened.close)
    }
  }
}
