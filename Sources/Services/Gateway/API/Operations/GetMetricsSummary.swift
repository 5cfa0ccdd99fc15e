public import ServiceKit
public import Wire

/// The few figures that a dashboard shows first; all of them are at `/metrics`.
@Wire public struct GetMetricsSummary: Operation {
  public static let address = OperationAddress("gateway", "getMetricsSummary")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = MetricsSummary
}

/// The measures of the process in short.
@Wire public struct MetricsSummary: Hashable, Sendable {
  @Field(name: "http_requests_total") public var httpRequestsTotal: Int
  @Field(name: "http_request_duration_avg_ms") public var httpRequestDurationAverageMilliseconds: Double
  /// From 0 to 1; 0 before the first look into a cache.
  @Field(name: "cache_hit_rate") public var cacheHitRate: Double
  @Field(name: "active_orders") public var activeOrders: Int
  @Field(name: "uptime_seconds") public var uptimeSeconds: Int
}
