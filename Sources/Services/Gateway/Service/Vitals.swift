import Caching
import GatewayAPI
import Hosting
import Kernel
import Persistence
import ServiceKit

/// How the process is.
struct Vitals: Sendable {
  private let host: Host
  private let start: Instant

  init(host: Host) {
    self.host = host
    start = host.time.now
  }

  /// The health of each hosted service; all of them are degraded while the database does not answer.
  func services() async -> [ServiceHealth] {
    let isReadable = (try? await host.database.read { try $0.first("SELECT 1") { $0.integer(0) } }) != nil
    return names.map { ServiceHealth(name: $0, status: isReadable ? .up : .degraded) }
  }

  private var names: [String] {
    host.switchboard.hosted.map(\.address.service).reduce(into: []) { names, name in if names.last != name { names.append(name) } }
  }

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
