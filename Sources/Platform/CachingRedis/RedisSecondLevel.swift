import Caching
import Observability
import RedisClient

/// Values as strings with an end. Beside each stands how often it was dropped lately, so that a value that was loaded before a
/// change and comes after it is not kept.
///
/// Without Redis nothing is found and nothing kept: the caches in the processes work alone.
struct RedisSecondLevel: SecondLevel {
  private static let finding = RedisScript(
    """
    local value = redis.call('GET', KEYS[1])
    if value then return {value, redis.call('PTTL', KEYS[1])} end
    return {false, tonumber(redis.call('GET', KEYS[2]) or '0')}
    """)
  private static let putting = RedisScript(
    """
    if tonumber(redis.call('GET', KEYS[2]) or '0') ~= tonumber(ARGV[3]) then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return 1
    """)
  /// Drops are remembered for longer than any value takes to load.
  private static let dropping = RedisScript(
    """
    redis.call('INCR', KEYS[2])
    redis.call('PEXPIRE', KEYS[2], 600000)
    redis.call('DEL', KEYS[1])
    return redis.call('PUBLISH', ARGV[1], ARGV[2])
    """)

  static let scripts = [finding, putting, dropping]

  private let client: RedisClient
  private let signals: RedisSignals
  private let hits: Counter
  private let misses: Counter
  private let gone: Counter

  init(_ client: RedisClient, _ signals: RedisSignals, metrics: Metrics) {
    self.client = client
    self.signals = signals
    func outcome(_ name: String) -> Counter {
      metrics.counter("shared_cache_reads_total", help: "Reads of the second cache level", ["outcome": name])
    }
    hits = outcome("hit")
    misses = outcome("miss")
    gone = outcome("gone")
  }

  private static func keys(_ name: String) -> [String] { [name, "drops:{\(name)}"] }

  func find(_ name: String) async -> SecondLevelFound {
    // A cache that takes longer than what it spares is none.
    guard let parts = try? await client.send(RedisCommand(Self.finding, keys: Self.keys(name), []), within: .milliseconds(200)).elements,
      parts.count == 2, let number = parts[1].integer
    else {
      gone.increment()
      return .gone
    }
    guard let bytes = parts[0].bytes else {
      misses.increment()
      return .missing(SecondLevelLease(count: number))
    }
    hits.increment()
    return .value(bytes, goodFor: .milliseconds(max(0, number)))
  }

  func put(_ name: String, _ bytes: [UInt8], keep: Duration, lease: SecondLevelLease) {
    let milliseconds = Int(keep / .milliseconds(1))
    guard milliseconds > 0 else { return }
    client.submit(RedisCommand(Self.putting, keys: Self.keys(name), [.bytes(bytes), .number(milliseconds), .number(lease.count)])) { _ in }
  }

  func drop(_ name: String, topic: String, subject: String) {
    let command = RedisCommand(
      Self.dropping, keys: Self.keys(name), [.text(RedisSignals.channel), .text("\(topic)\n\(subject)")], isRepeatable: true)
    client.submit(command) { [signals] result in if case .failure = result { signals.putOff(command) } }
  }
}
