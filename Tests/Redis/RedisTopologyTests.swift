import Foundation
import RedisClient
import ServiceKit
import Synchronization
import TestKit
import Testing
import WebClient

@Suite(.serialized) struct RedisTopologyTests {
  /// Counts up under many keys until it is told to stop; answers how often each key was counted for sure.
  private func load(_ client: RedisClient, keys: [String], until stop: @escaping @Sendable () -> Bool) async -> (counts: [String: Int], failures: Int)
  {
    await withTaskGroup(of: (String, Int, Int).self) { group in
      for key in keys {
        group.addTask {
          var (done, failed) = (0, 0)
          while !stop() {
            do {
              _ = try await client.send("INCR", .text(key), key: key, within: .seconds(15), patience: .untilDeadline)
              done += 1
            } catch { failed += 1 }
          }
          return (key, done, failed)
        }
      }
      var (counts, failures): ([String: Int], Int) = ([:], 0)
      for await (key, done, failed) in group { counts[key] = done; failures += failed }
      return (counts, failures)
    }
  }

  @Test(.timeLimit(.minutes(3))) func aClusterIsFollowedThroughAMoveAndALoss() async throws {
    let cluster = try await RedisCluster()
    try await withClient(cluster.address, .patient { $0.connections = 1 }) { client async throws in
      #expect(await client.isReady(within: .seconds(60)), "\(client.health.reason)")
      // Keys over all slots.
      let results = await client.send(all: (0..<500).map { RedisCommand(["SET", "k\($0)", .number($0)], key: "k\($0)") }, patience: .untilDeadline)
      #expect(results.allSatisfy { $0 == .success(.text("OK")) })
      for number in stride(from: 0, to: 500, by: 17) { #expect(try await client.send("GET", "k\(number)", key: "k\(number)") == .text("\(number)")) }

      // A slot moves from one master to another while it is counted in: ASK, then MOVED.
      let slot = KeySlot.of("{moving}")
      let (from, fromID) = try #require(try cluster.owner(of: slot))
      let (to, toID) = try #require(try [0, 5461, 10_923].lazy.compactMap { try cluster.owner(of: $0) }.first { $0.id != fromID })
      let keys = (0..<8).map { "{moving}\($0)" }
      let isMoved = Mutex(false)
      async let counted = load(client, keys: keys) { isMoved.withLock { $0 } }
      try await eventually(within: .seconds(60), "some are there") { try from.cli("CLUSTER", "COUNTKEYSINSLOT", "\(slot)").contains("8") }
      try to.cli("CLUSTER", "SETSLOT", "\(slot)", "IMPORTING", fromID)
      try from.cli("CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", toID)
      for key in keys {
        try from.cli("MIGRATE", "127.0.0.1", "\(to.port)", key, "0", "5000")
        try await Task.sleep(for: .milliseconds(30))  // Half-moved for a while, with the load on it.
      }
      for server in [to, from] { try server.cli("CLUSTER", "SETSLOT", "\(slot)", "NODE", toID) }
      try await Task.sleep(for: .milliseconds(200))
      isMoved.withLock { $0 = true }
      let moved = await counted
      #expect(moved.failures == 0)
      for key in keys { #expect(try await client.send("GET", .text(key), key: key).integer == moved.counts[key]) }

      // A master dies under load: within a few seconds its replica has the slots, and nobody who waits is refused.
      let victim = try #require(try cluster.owner(of: KeySlot.of("{victim}"))).server
      let isOver = Mutex(false)
      async let survived = load(client, keys: (0..<8).map { "{victim}\($0)" }) { isOver.withLock { $0 } }
      try await Task.sleep(for: .milliseconds(300))
      victim.kill()
      let witness = cluster.servers.firstIndex { $0 !== victim } ?? 0
      try await eventually(within: .seconds(30), "another master") {
        guard let owner = try cluster.owner(of: KeySlot.of("{victim}"), asking: witness) else { return false }
        return owner.server !== victim
      }
      #expect(try await client.send("SET", "{victim}after", "1", key: "{victim}after", within: .seconds(15), patience: .untilDeadline) == .text("OK"))
      isOver.withLock { $0 = true }
      let after = await survived
      // An INCR whose answer was lost is told as lost and not repeated; it is one for each of those under way at most.
      #expect(after.failures <= 8, "\(after.failures)")
      #expect(after.counts.values.allSatisfy { $0 > 0 })
      try await victim.start()
    }
  }

  @Test func aClusterIsNoSingleServerAndIsToldSo() async throws {
    let server = try await RedisServer()
    try await server.start()
    try await withClient(RedisAddress("redis+cluster://127.0.0.1:\(server.port)")) { client async throws in
      #expect(await client.isReady(within: .seconds(1)) == false)
      #expect(client.health.reason == "it is no cluster; write redis://")
    }
  }

  @Test(.timeLimit(.minutes(2))) func sentinelsAreFollowedToTheNextMaster() async throws {
    let master = try await RedisServer()
    try await master.start()
    let replica = try await RedisServer(["--replicaof", "127.0.0.1", "\(master.port)"])
    try await replica.start()
    try await eventually(within: .seconds(20), "the replica") { try replica.cli("INFO", "replication").contains("master_link_status:up") }
    var sentinels: [RedisServer] = []
    for _ in 0..<3 {
      let plain = try await RedisServer(isSentinel: true)
      let file = try plain.write(
        "sentinel.conf",
        """
        port \(plain.port)
        bind 127.0.0.1
        sentinel monitor mymaster 127.0.0.1 \(master.port) 2
        sentinel down-after-milliseconds mymaster 1000
        sentinel failover-timeout mymaster 5000
        """)
      let sentinel = try await RedisServer(port: plain.port, isSentinel: true, [file])
      try await sentinel.start()
      sentinels.append(sentinel)
    }
    let all = sentinels
    try await eventually(within: .seconds(20), "the sentinels know each other") {
      try all.allSatisfy { try $0.cli("SENTINEL", "MASTER", "mymaster").contains("num-other-sentinels\n2") }
    }
    let places = sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
    try await withClient(RedisAddress("redis+sentinel://\(places)/mymaster")) { client async throws in
      #expect(await client.isReady(within: .seconds(60)), "\(client.health.reason)")
      let heard = Mutex<[String]>([])
      let subscription = client.subscribe(
        to: ["news"], .init(message: { _, bytes in heard.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) } }))
      defer { subscription.stop() }
      #expect(try await client.send("SET", "k", "1", key: "k") == .text("OK"))
      try await eventually(within: .seconds(60), "replicated") { try replica.cli("GET", "k").contains("1") }
      master.kill()
      #expect(
        try await client.send("SET", "k", "2", key: "k", isRepeatable: true, within: .seconds(40), patience: .untilDeadline) == .text("OK"))
      #expect(try replica.cli("GET", "k").contains("2"))
      // Listening has followed too.
      try await eventually(within: .seconds(20), "heard at the new master") {
        try replica.cli("PUBLISH", "news", "hello")
        return heard.withLock { $0.contains("hello") }
      }
    }
    try await withClient(RedisAddress("redis+sentinel://\(places)/other")) { client async throws in
      #expect(await client.isReady(within: .seconds(1)) == false)
      #expect(client.health.reason == "the sentinels know no master \"other\"")
    }
  }
}
