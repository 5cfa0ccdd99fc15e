import GatewayAPI
import ServiceKit
import Synchronization

/// The routes of this process, known once the web server is made.
final class RouteDirectory: Sendable {
  private let encoded = Mutex(Encoded(RouteList(routes: [])))

  func publish(_ routes: [Route]) {
    let lines = routes.map { RouteLine(method: $0.method.rawValue, path: $0.path, operation: $0.operation.address.description) }
    let list = Encoded(RouteList(routes: lines.sorted { ($0.path, $0.method) < ($1.path, $1.method) }))
    encoded.withLock { $0 = list }
  }

  var list: Encoded<RouteList> { encoded.withLock { $0 } }
}
