import GatewayAPI
import Observability

/// Answers `GetMetricsSummary`.
struct GetMetricsSummaryHandler: Sendable {
  let vitals: Vitals

  func answer(_ request: GetMetricsSummary) async throws -> MetricsSummary {
    let metrics = Metrics.shared
    let (count, seconds) = metrics.sum(ofHistogram: "http_request_duration_seconds")
    let hits = metrics.total("cache_hits_total")
    let looks = hits + metrics.total("cache_misses_total")
    return MetricsSummary(
      httpRequestsTotal: count, httpRequestDurationAverageMilliseconds: count == 0 ? 0 : (seconds / Double(count) * 1e6).rounded() / 1e3,
      cacheHitRate: looks == 0 ? 0 : hits / looks, activeOrders: Int(metrics.total("active_orders")), uptimeSeconds: vitals.uptimeSeconds)
  }
}
