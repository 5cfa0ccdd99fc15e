import Observability

/// What a client counts.
struct RedisMeasures: Sendable {
  let answered: Counter
  let failed: Counter
  let refused: Counter
  let late: Counter
  let reconnects: Counter
  let redirects: Counter

  init(_ metrics: Metrics) {
    func outcome(_ name: String) -> Counter { metrics.counter("redis_commands_total", help: "Commands to Redis by outcome", ["outcome": name]) }
    answered = outcome("answered")
    failed = outcome("failed")
    refused = outcome("refused")
    late = outcome("late")
    reconnects = metrics.counter("redis_reconnects_total", help: "Connections to Redis made again after a loss")
    redirects = metrics.counter("redis_redirects_total", help: "Commands that another node of the cluster took")
  }

  func read(_ metrics: Metrics, _ client: RedisClient) {
    metrics.gauge("redis_up", help: "Whether Redis can be asked") { [weak client] in client?.health.isUp == true ? 1 : 0 }
    metrics.gauge("redis_commands_waiting", help: "Commands that wait for Redis's answer") { [weak client] in Double(client?.waiting ?? 0) }
  }

  func note(_ result: Result<RedisValue, RedisFailure>) {
    switch result {
    case .success: answered.increment()
    case .failure(.timedOut): late.increment()
    case .failure: failed.increment()
    }
  }
}
