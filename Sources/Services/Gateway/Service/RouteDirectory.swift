import GatewayAPI
import ServiceKit
import Synchronization

/// The routes of this process, known once the web server is made.
final class RouteDirectory: Sendable {
  private let encoded = Mutex(Encoded(RouteList(routes: [])))
  private let names = Mutex<[String]>([])

  func publish(_ routes: [Route]) {
    let lines = routes.map { RouteLine(method: $0.method.rawValue, path: $0.path, operation: $0.operation.address.description) }
    let list = Encoded(RouteList(routes: lines.sorted { ($0.path, $0.method) < ($1.path, $1.method) }))
    encoded.withLock { $0 = list }
    let services = Set(routes.map { $0.operation.address.service }).sorted()
    names.withLock { $0 = services }
  }

  /// The services that the routes lead to, by name.
  var services: [String] { names.withLock { $0 } }

  var list: Encoded<RouteList> { encoded.withLock { $0 } }
}
