import Caching
import GatewayAPI
import Hosting
import Kernel
import Messaging
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

  /// The services of the installation by name: those hosted here, those of other processes, and those that should be somewhere.
  var serviceNames: [String] {
    Set(host.neighbours?.instances.flatMap(\.services) ?? []).union(names).union(host.neighbours == nil ? [] : served).sorted()
  }

  private var names: [String] {
    host.switchboard.hosted.map(\.address.service).reduce(into: []) { names, name in if names.last != name { names.append(name) } }
  }

  /// The services whose URLs this process answers.
  private var served: Set<String> { Set(directory.services) }

  /// How what is shared with other nodes is, and what carries the events; nothing where nothing stands beside the process.
  var engines: [ServiceHealth]? {
    var engines: [ServiceHealth] = []
    if let isUp = host.shared.isUp { engines.append(ServiceHealth(name: "redis", status: isUp() ? .up : .down)) }
    let bus = host.busStatus()
    if let since = bus.since {
      let began = host.time.now - since.duration(to: .now) * host.time.speed
      engines.append(ServiceHealth(name: bus.broker.lowercased(), status: bus.isUp ? .up : .down, since: began))
    }
    return engines.isEmpty ? nil : engines
  }

  func status(of services: [ServiceHealth]) -> HealthStatus {
    (services + (engines ?? [])).allSatisfy { $0.status == .up } ? .up : .degraded
  }
  var now: Instant { host.time.now }
  var speed: Double { host.time.speed }
  /// On the machine's clock, whatever the speed of the server's.
  var uptimeSeconds: Int { Int(host.time.now.since(start).seconds / host.time.speed) }
}
