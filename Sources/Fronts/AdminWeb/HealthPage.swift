import GatewayAPI
import Kernel
import Pages
import WebServer

/// `/admin/health`: how every service, and what stands beside them, is.
enum HealthPage {
  static func show(_ request: PageRequest) async throws -> WebResponse {
    let health = try await request.call(GetHealth())
    let metrics = try await request.call(GetMetricsSummary())
    var fields: [String: Any] = [
      "overall": state(health.status, request), "services": health.services.map { row($0, request) },
      "asOf": request.moment(health.time), "uptime": span(health.uptime, request),
      "metrics": [
        ["name": request.texts["admin.health.requests"], "value": request.formats.number(metrics.httpRequestsTotal)],
        [
          "name": request.texts["admin.health.duration"],
          "value": request.texts("admin.health.milliseconds", ["count": request.formats.decimal(metrics.httpRequestDurationAverageMilliseconds)])
        ],
        [
          "name": request.texts["admin.health.cache"],
          "value": request.formats.percent(Amount(units: Int((metrics.cacheHitRate * 1000).rounded()), scale: 1))
        ],
        ["name": request.texts["admin.health.activeOrders"], "value": request.formats.number(metrics.activeOrders)]
      ]
    ]
    fields["engines"] = health.engines.map { $0.map { row($0, request) } }
    if health.speed != 1 { fields["speed"] = request.formats.decimal(health.speed) }
    return try request.admin("health", at: "health", fields)
  }

  private static func state(_ status: HealthStatus, _ request: PageRequest) -> [String: Any] {
    let tone =
      switch status {
      case .up: "good"
      case .degraded: "warn"
      case .down: "bad"
      }
    return ["status": status.rawValue, "tone": tone, "word": request.word("admin.state.", status.rawValue)]
  }

  private static func row(_ service: ServiceHealth, _ request: PageRequest) -> [String: Any] {
    var row: [String: Any] = ["name": service.name, "state": state(service.status, request)]
    row["since"] = service.since.map(request.moment)
    row["instances"] = service.instances.map { instances in
      instances.map { ["id": $0.id, "version": $0.version, "state": state($0.status, request)] as [String: Any] }
    }
    return row
  }

  /// How long, in the largest two units.
  private static func span(_ seconds: Int, _ request: PageRequest) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60)
    func part(_ count: Int, _ unit: String) -> String { request.texts("admin.unit.\(unit)", ["count": request.formats.number(count)]) }
    if days > 0 { return "\(part(days, "days")) \(part(hours, "hours"))" }
    if hours > 0 { return "\(part(hours, "hours")) \(part(minutes, "minutes"))" }
    return minutes > 0 ? part(minutes, "minutes") : part(seconds, "seconds")
  }
}
