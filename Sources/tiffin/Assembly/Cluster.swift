import Discovery
import Foundation
import HTTPTransport
import Hosting
import Kernel
import Observability
import Persistence
import ServiceKit
import ServiceLifecycle
import Settings

/// A process among others: the calls it sends, the calls it takes, and the word it leaves of itself.
final class Cluster: Sendable {
  private let choice: ClusterChoice
  private let registry: Opened<any Registry>
  private let directory: Directory
  private let peers: PeerTable
  private let identity: ServiceIdentity
  private let time: TimeSource
  private let caller: RemoteCaller

  /// - Returns: nil in an installation that is one process.
  init?(
    _ choice: ClusterChoice, _ services: ServiceChoice, database: any Database, _ databaseChoice: DatabaseChoice, time: TimeSource,
    ids: IdentifierSource
  )
    throws
  {
    let machineTime = Clock.machineTime()
    guard let registry = try choice.open(database, databaseChoice, machineTime: machineTime) else { return nil }
    let own = Instance(
      id: "\(services.hosted.count == 1 ? services.hosted[0].name : "tiffin")-\(ids.word(8))", address: "", services: services.hosted.map { $0.name },
      version: productVersion)
    self.choice = choice
    self.registry = registry
    self.time = time
    directory = Directory(registry.value, own: own, time: machineTime)
    peers = PeerTable(directory, time: machineTime, ids: ids, loops: choice.loops)
    identity = ServiceIdentity(secrets: choice.secrets, window: choice.window, time: machineTime)
    caller = RemoteCaller(
      peers, identity: identity, sender: own.id, time: time, machineTime: machineTime, ids: ids, patience: choice.patience)
  }

  /// Asks other processes.
  var leg: Switchboard.RemoteLeg { { [caller] in try await caller.call($0) } }

  /// Finds the registry and who is there already; before the services recover, which may ask others.
  ///
  /// - Throws: `CommandFault` in one line that names the setting.
  func open() async throws {
    do { try await directory.open() } catch {
      throw CommandFault("setting \(ClusterChoice.registry): the registry cannot be reached: \(error)")
    }
  }

  /// Takes calls, tells the others so, and waits until every service that this process calls is there.
  ///
  /// - Returns: the port for operations, and the services that keep the process in the cluster while it runs.
  /// - Throws: `CommandFault` in one line that names the setting.
  func join(_ process: ServiceProcess) async throws -> Joined {
    let id = directory.own.id
    let report: OperationServer.Report = { [directory] in
      let own = directory.own
      return PeerReport(status: await process.isReadable ? .up : .degraded, instance: own.id, services: own.services, version: own.version)
    }
    let server = OperationServer(
      host: choice.host, port: choice.port, switchboard: process.switchboard, identity: identity, time: time, loops: choice.loops, report: report)
    let port: Int
    do { port = try await server.start { [id, self.address($0)] } } catch {
      throw CommandFault("setting cluster.port: \(choice.host):\(choice.port) cannot be listened on: \(error)")
    }
    do {
      try await directory.join(at: address(port))
      try await findServices(of: process)
    } catch {
      await directory.leave()
      await server.stop(grace: .zero)
      throw error is CommandFault ? error : CommandFault("setting \(ClusterChoice.registry): the registry cannot be reached: \(error)")
    }
    return Joined(
      port: port, looking: Looking(directory: directory, peers: peers, registry: registry), door: Door(server: server),
      farewell: Farewell(directory: directory, drain: choice.drain))
  }

  private func address(_ port: Int) -> String {
    choice.address.isEmpty ? PeerAddress(host: choice.host, port: port).description : choice.address
  }

  private func findServices(of process: ServiceProcess) async throws {
    let calls = process.callsElsewhere
    let missing = await directory.missing(of: calls.map(\.service), within: choice.wait)
    if missing.isEmpty { return }
    let named = missing.map { service in "\(service) (called by \(calls.first { $0.service == service }?.caller ?? ""))" }
    throw CommandFault(
      "setting \(ClusterChoice.registry): no process hosts \(named.joined(separator: ", ")), after \(Int(choice.wait.seconds)) s of waiting; "
        + "start one with --services \(missing.joined(separator: ",")), or name them in cluster.services here")
  }

  /// Closes what was opened.
  func close() async {
    await peers.close()
    await registry.close()
  }

  /// What a process runs while it is in the cluster.
  struct Joined {
    let port: Int
    let looking: Looking
    let door: Door
    let farewell: Farewell
  }

  /// Keeps the process known, and its view of the others true.
  struct Looking: Service {
    let directory: Directory
    let peers: PeerTable
    let registry: Opened<any Registry>

    func run() async throws {
      await cancelWhenGracefulShutdown { [self] in
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await directory.run() }
          group.addTask { await peers.run() }
          if let run = registry.run { group.addTask { await run() } }
        }
      }
    }
  }

  /// Takes operations until the process stops, then finishes what is in hand.
  struct Door: Service {
    let server: OperationServer
    func run() async throws {
      try? await gracefulShutdown()
      await server.stop(grace: .seconds(10))
    }
  }

  /// The first to hear that the process stops: tells the others, and gives them the time to turn elsewhere.
  struct Farewell: Service {
    let directory: Directory
    let drain: Duration
    func run() async throws {
      try? await gracefulShutdown()
      await directory.leave()
      try? await ContinuousClock().sleep(for: drain)
    }
  }
}

extension Cluster: Neighbours {
  var instances: [NeighbourReport] {
    let own = directory.own
    let others = peers.health.map { instance, health in
      NeighbourReport(id: instance.id, services: instance.services, version: instance.version, status: .init(health), isOwn: false)
    }
    let all = others + [NeighbourReport(id: own.id, services: own.services, version: own.version, status: .up, isOwn: true)]
    return all.sorted { $0.id < $1.id }
  }
}

extension NeighbourReport.Status {
  fileprivate init(_ health: PeerHealth) {
    switch health {
    case .up: self = .up
    case .degraded, .stopping: self = .degraded
    case .down: self = .down
    }
  }
}
