import GatewayAPI

/// Answers `GetHealth`.
struct GetHealthHandler: Sendable {
  let vitals: Vitals

  func answer(_ request: GetHealth) async throws -> Health {
    let services = await vitals.services()
    let now = vitals.now
    return Health(
      status: vitals.status(of: services), services: services, engines: vitals.engines, uptime: vitals.uptimeSeconds, timestamp: now, time: now,
      speed: vitals.speed)
  }
}
