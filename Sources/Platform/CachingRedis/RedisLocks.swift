import Caching
import RedisClient
import ServiceKit

/// Locks as keys with an end, and beside each the highest token given out.
///
/// Without Redis nobody knows who holds a lock, and nobody gets one: `Unavailable`. A token is never lower than Redis's clock in
/// milliseconds, so that a Redis that lost its memory still gives higher ones.
struct RedisLocks: Locks {
  private static let acquiring = RedisScript(
    """
    if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
    local time = redis.call('TIME')
    local token = math.max(tonumber(redis.call('GET', KEYS[2]) or '0') + 1, time[1] * 1000 + math.floor(time[2] / 1000))
    redis.call('SET', KEYS[2], string.format('%.0f', token), 'PX', 86400000)
    redis.call('SET', KEYS[1], string.format('%.0f', token), 'PX', ARGV[1])
    return token
    """)
  private static let releasing = RedisScript("if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0")
  private static let extending = RedisScript(
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0")

  static let scripts = [acquiring, releasing, extending]

  private let client: RedisClient

  init(_ client: RedisClient) { self.client = client }

  private static func keys(_ name: String) -> [String] { ["lock:{\(name)}", "lock:{\(name)}:token"] }

  func acquire(_ name: String, keep: Duration) async throws -> HeldLock? {
    let token = try await ask(RedisCommand(Self.acquiring, keys: Self.keys(name), [.number(Self.milliseconds(keep))]))
    return token == 0 ? nil : HeldLock(name: name, token: token)
  }

  func release(_ lock: HeldLock) async {
    // One that cannot be given back ends by itself.
    _ = try? await ask(RedisCommand(Self.releasing, keys: Self.keys(lock.name), [.number(lock.token)], isRepeatable: true))
  }

  func extend(_ lock: HeldLock, keep: Duration) async throws -> Bool {
    try await ask(RedisCommand(Self.extending, keys: Self.keys(lock.name), [.number(lock.token), .number(Self.milliseconds(keep))])) == 1
  }

  private func ask(_ command: RedisCommand) async throws -> Int {
    do { return try await client.send(command, within: .seconds(2), patience: .untilDeadline).integer ?? 0 } catch {
      throw Unavailable("locks: \(error)", retryAfterSeconds: 1)
    }
  }

  private static func milliseconds(_ duration: Duration) -> Int { max(1, Int(duration / .milliseconds(1))) }
}
