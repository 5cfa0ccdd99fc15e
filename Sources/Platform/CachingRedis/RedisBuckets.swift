import Caching
import RedisClient

/// Token buckets, one script call each, on Redis's clock.
///
/// Without Redis nothing is known, and each node counts by itself.
struct RedisBuckets: RateBuckets {
  private static let taking = RedisScript(
    """
    local capacity, window = tonumber(ARGV[1]), tonumber(ARGV[2])
    local time = redis.call('TIME')
    local now = time[1] * 1000 + time[2] / 1000
    local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
    local tokens = tonumber(kept[1] or capacity)
    tokens = math.min(capacity, tokens + math.max(0, now - tonumber(kept[2] or now)) * capacity / window)
    local allowed = 0
    if tokens >= 1 then allowed = 1; tokens = tokens - 1 end
    redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.3f', now))
    redis.call('PEXPIRE', KEYS[1], window)
    return {allowed, string.format('%.6f', tokens)}
    """)

  static let scripts = [taking]

  private let client: RedisClient

  init(_ client: RedisClient) { self.client = client }

  func take(_ name: String, capacity: Int, window: Duration) async -> RateDraw? {
    let command = RedisCommand(Self.taking, keys: [name], [.number(capacity), .number(Int(window / .milliseconds(1)))])
    // On the way of every request: better counted here than waited for.
    guard let parts = try? await client.send(command, within: .milliseconds(100)).elements, parts.count == 2, let allowed = parts[0].integer,
      let tokens = parts[1].double
    else { return nil }
    return RateDraw(isAllowed: allowed == 1, tokens: tokens)
  }
}
