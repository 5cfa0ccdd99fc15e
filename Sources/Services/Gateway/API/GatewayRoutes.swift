public import ServiceKit

/// Every URL of Gateway that is an operation; `/` with what it loads, `/metrics`, `/api/openapi.json` and `/ws` are answered by hand.
public let gatewayRoutes: [Route] = [
  Route(.get, "/api/health", GetHealth.self, limit: .none),
  Route(.get, "/health", GetServiceHealth.self, limit: .none),
  Route(.get, "/routes", ListRoutes.self),
  Route(.get, "/api/metrics", GetMetricsSummary.self, limit: .none),
  Route(.get, "/api/users/export", ExportMyData.self),
  Route(.get, "/api/city/pulse", GetCityPulse.self, limit: .none),
  Route(.get, "/api/admin/dead-letters", ListDeadLetters.self),
  Route(.post, "/api/admin/dead-letters/:letterId/replay", ReplayDeadLetter.self),
  Route(.delete, "/api/admin/dead-letters/:letterId", DropDeadLetter.self),
  Route(.get, "/api/admin/settings", ListSettings.self)
]
