import Caching
import RedisClient

/// Token buckets, one script call each, on Redis's clock.
///
/// Without Redis nothing is known, and each node counts by itself.
struct RedisBuckets: RateBuckets {
  private static let taking = RedisScript(
    """
    local time = redis.call('TIME')
    local now = time[1] * 1000 + time[2] / 1000
    local at = tonumber(redis.call('HGET', KEYS[1], 'at') or now)
    local allowed, longest, left = 1, 0, {}
    for i = 1, #ARGV / 2 do
      local capacity, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
      local tokens = tonumber(redis.call('HGET', KEYS[1], 'tokens' .. i) or capacity)
      left[i] = math.min(capacity, tokens + math.max(0, now - at) * capacity / window)
      if left[i] < 1 then allowed = 0 end
      longest = math.max(longest, window)
    end
    local reply = {allowed}
    for i = 1, #left do
      reply[i + 1] = string.format('%.6f', left[i] - allowed)
      redis.call('HSET', KEYS[1], 'tokens' .. i, reply[i + 1])
    end
    redis.call('HSET', KEYS[1], 'at', string.format('%.3f', now))
    redis.call('PEXPIRE', KEYS[1], longest)
    return reply
    """)

  static let scripts = [taking]

  private let client: RedisClient

  init(_ client: RedisClient) { self.client = client }

  func take(_ name: String, _ allowances: [RateAllowance]) async -> RateDraw? {
    let command = RedisCommand(
      Self.taking, keys: [name], allowances.flatMap { [.number($0.requests), .number(Int($0.window / .milliseconds(1)))] })
    // On the way of every request: better counted here than waited for.
    guard let parts = try? await client.send(command, within: .milliseconds(100)).elements, parts.count == allowances.count + 1,
      let allowed = parts[0].integer
    else { return nil }
    let tokens = parts.dropFirst().compactMap(\.double)
    return tokens.count == allowances.count ? RateDraw(isAllowed: allowed == 1, tokens: tokens) : nil
  }
}
