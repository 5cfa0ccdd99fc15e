public import Caching
public import Observability
import Realtime
public import RedisClient
public import ServiceKit

/// What the nodes of an installation share through one Redis: second cache level, signals, locks, rate buckets, places, frames.
///
/// While Redis is gone each part does what its file says, and all come back by themselves.
public final class RedisSharing: Sendable {
  public let client: RedisClient
  public let memory: Neighbourhood
  public let fanout: RedisFanout

  /// - Parameters:
  ///   - isListening: whether sockets are open here, so that frames of other nodes are wanted.
  ///   - time: the installation's; what Redis keeps it keeps on the machine's clock.
  public init(
    _ address: RedisAddress, _ options: RedisOptions = RedisOptions(), isListening: Bool, time: TimeSource, ids: IdentifierSource,
    metrics: Metrics = .shared
  ) throws(RedisAddressFault) {
    var options = options
    options.scripts = RedisFanout.scripts + RedisSecondLevel.scripts + RedisBuckets.scripts + RedisLocks.scripts
    let client = try RedisClient(address, options, metrics: metrics)
    self.client = client
    let signals = RedisSignals(client, metrics: metrics)
    memory = Neighbourhood(
      level: RedisSecondLevel(client, signals, metrics: metrics), signals: signals, locks: RedisLocks(client), buckets: RedisBuckets(client),
      places: RedisSightings(client, time: time), isUp: { client.health.isUp })
    fanout = RedisFanout(client, isListening: isListening, ids: ids, metrics: metrics)
  }

  public func close() async { await client.close() }
}
