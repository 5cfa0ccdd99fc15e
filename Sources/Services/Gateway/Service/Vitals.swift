import Caching
import GatewayAPI
import Hosting
import Kernel
import Persistence
import ServiceKit

/// How the process is, and with it the installation.
struct Vitals: Sendable {
  private let host: Host
  private let directory: RouteDirectory
  private let start: Instant

  init(host: Host, directory: RouteDirectory) {
    self.host = host
    self.directory = directory
    start = host.time.now
  }

  /// The health of each service: of those hosted here, and of those that other processes host.
  func services() async -> [ServiceHealth] {
    let isReadable = (try? await host.database.read { try $0.first("SELECT 1") { $0.integer(0) } }) != nil
    let own: HealthStatus = isReadable ? .up : .degraded
    guard let neighbours = host.neighbours else { return names.map { ServiceHealth(name: $0, status: own) } }
    let instances = neighbours.instances.map { report in
      (report, report.isOwn ? own : HealthStatus(rawValue: report.status.rawValue) ?? .down)
    }
    let all = Set(instances.flatMap(\.0.services)).union(names).union(served).sorted()
    return all.map { name in
      let hosts = instances.filter { $0.0.services.contains(name) }.map { InstanceHealth(id: $0.0.id, status: $0.1, version: $0.0.version) }
      return ServiceHealth(name: name, status: Self.together(hosts.map(\.status)), instances: hosts)
    }
  }

  /// Of a service with several processes: as good as all of them, and down only when none is left.
  private static func together(_ all: [HealthStatus]) -> HealthStatus {
    if all.isEmpty || all.allSatisfy({ $0 == .down }) { return .down }
    return all.allSatisfy { $0 == .up } ? .up : .degraded
  }

  private var names: [String] {
    host.switchboard.hosted.map(\.address.service).reduce(into: []) { names, name in if names.last != name { names.append(name) } }
  }

  /// The services whose URLs this process answers.
  private var served: Set<String> { Set(directory.services) }

  /// How what is shared with other nodes is; nothing where nothing is.
  var engines: [ServiceHealth]? { host.shared.isUp.map { [ServiceHealth(name: "redis", status: $0() ? .up : .down)] } }

  func status(of services: [ServiceHealth]) -> HealthStatus {
    (services + (engines ?? [])).allSatisfy { $0.status == .up } ? .up : .degraded
  }
  var now: Instant { host.time.now }
  var speed: Double { host.time.speed }
  /// On the machine's clock, whatever the speed of the server's.
  var uptimeSeconds: Int { Int(host.time.now.since(start).seconds / host.time.speed) }
}
