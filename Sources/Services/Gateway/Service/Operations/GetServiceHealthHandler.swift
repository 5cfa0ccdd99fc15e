import GatewayAPI

/// Answers `GetServiceHealth`.
struct GetServiceHealthHandler: Sendable {
  let vitals: Vitals

  func answer(_ request: GetServiceHealth) async throws -> HealthByService {
    let services = await vitals.services()
    return HealthByService(status: vitals.status(of: services), services: HealthMap(services))
  }
}
