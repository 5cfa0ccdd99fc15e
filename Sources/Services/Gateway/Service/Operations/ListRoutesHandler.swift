import GatewayAPI
import ServiceKit

/// Answers `ListRoutes`.
struct ListRoutesHandler: Sendable {
  let directory: RouteDirectory

  func answer(_ request: ListRoutes) async throws -> Encoded<RouteList> { directory.list }
}
