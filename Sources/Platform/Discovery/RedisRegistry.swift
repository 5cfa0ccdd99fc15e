import Kernel
public import RedisClient
public import ServiceKit
import Wire

/// A set and a hash in the Redis that all processes of the installation reach.
public struct RedisRegistry: Registry {
  private let client: RedisClient
  private let time: TimeSource
  /// One slot, so that a cluster keeps both on one node.
  private static let instances = "{discovery}:instances"
  private static let seen = "{discovery}:seen"

  /// - Parameter time: the machine's; the clocks of the machines must agree within a second or two.
  public init(_ client: RedisClient, time: TimeSource) {
    self.client = client
    self.time = time
  }

  public func prepare() async throws {
    guard await client.isReady(within: .seconds(10)) else { throw Unavailable(client.health.reason) }
  }

  public func announce(_ instance: Instance) async throws {
    let now = time.now.milliseconds
    try await ask("HSET", Self.instances, .text(instance.id), .bytes(encode(instance)))
    try await ask("ZADD", Self.seen, .number(now), .text(instance.id))
    // Those who died without a word; long after anyone believed them to be there.
    let long = now - Int(instanceLifetime.milliseconds) * 20
    let gone = try await ask("ZRANGEBYSCORE", Self.seen, "-inf", .number(long)).elements?.compactMap(\.text) ?? []
    for id in gone.prefix(100) { try await withdraw(id) }
  }

  public func withdraw(_ id: String) async throws {
    try await ask("ZREM", Self.seen, .text(id))
    try await ask("HDEL", Self.instances, .text(id))
  }

  public func instances() async throws -> [Instance] {
    let since = time.now.milliseconds - Int(instanceLifetime.milliseconds)
    let ids = Set(try await ask("ZRANGEBYSCORE", Self.seen, .text("(\(since)"), "+inf").elements?.compactMap(\.text) ?? [])
    let all = try await ask("HVALS", Self.instances).elements ?? []
    return try all.compactMap(\.bytes).map { try decode(Instance.self, from: $0) }.filter { ids.contains($0.id) }.sorted { $0.id < $1.id }
  }

  /// Each of the commands may be sent twice and does the same.
  @discardableResult
  private func ask(_ name: RedisCommand.Argument, _ key: String, _ more: RedisCommand.Argument...) async throws -> RedisValue {
    try await client.send(RedisCommand([name, .text(key)] + more, key: key, isRepeatable: true))
  }
}
