import Caching
import CachingRedis
import Foundation
import Kernel
import Observability
import Realtime
import ServiceKit
import Synchronization
import TestKit
import Testing
import Wire

/// All that nodes share, on a cluster of six, with a master killed.
@Suite(.serialized) struct ClusterSharingTests {
  @Test(.timeLimit(.minutes(3))) func allOfItWorksOnAClusterAndComesBackWhenAMasterIsLost() async throws {
    let cluster = try await RedisCluster()
    func node() throws -> RedisSharing {
      try RedisSharing(cluster.address, .patient(), isListening: true, time: wallTime, ids: IdentifierSource(time: wallTime), metrics: Metrics())
    }
    let (a, b) = (try node(), try node())
    for node in [a, b] { #expect(await node.client.isReady(within: .seconds(60)), "\(node.client.health.reason)") }
    let channels = [a, b].map { Channels(epoch: "node", time: wallTime, fanout: $0.fanout) }
    let names = (0..<24).map { "order:\($0)" }
    let ears = names.map { _ in Follower() }
    try await eventually(within: .seconds(60), "hearing all") {
      let probe = Follower()
      defer { channels[1].leave("probe", probe) }
      return !channels[1].join("probe", cursor: nil, probe).cursor.hasPrefix("node")
    }
    for (name, ear) in zip(names, ears) { channels[1].join(name, cursor: nil, ear) }
    @Sendable func say(_ number: Int) { for name in names { channels[0].publish("t", to: name, number) } }
    for number in 0..<20 { say(number) }
    try? await eventually(within: .seconds(60)) { ears.allSatisfy { $0.numbers == Array(0..<20) } }
    for (name, ear) in zip(names, ears) { #expect(ear.numbers == Array(0..<20), "\(name), told to fetch \(ear.refetches) times") }

    let level = a.memory.level
    for name in names {
      guard case .missing(let lease) = await level.find("tenant:t:\(name)") else { Issue.record("\(name) is there"); continue }
      level.put("tenant:t:\(name)", Array(name.utf8), keep: .seconds(60), lease: lease)
    }
    try await eventually(within: .seconds(60), "all kept, on whichever node") {
      for name in names { guard case .value = await b.memory.level.find("tenant:t:\(name)") else { return false } }
      return true
    }
    for name in names { #expect(await a.memory.buckets?.take("ip_limit:\(name)", [RateAllowance(3, per: .seconds(60))])?.isAllowed == true) }
    for name in names { #expect(try await a.memory.locks.acquire(name, keep: .seconds(30)) != nil) }
    for name in names { #expect(try await b.memory.locks.acquire(name, keep: .seconds(30)) == nil) }

    // The master of some of them dies under load.
    let victim = try #require(try cluster.owner(of: 0)).server
    let isOver = Mutex(false)
    async let load: Int = {
      var number = 20
      while !isOver.withLock({ $0 }) {
        say(number)
        number += 1
        try? await Task.sleep(for: .milliseconds(5))
      }
      return number
    }()
    try await Task.sleep(for: .milliseconds(200))
    victim.kill()
    let witness = cluster.servers.firstIndex { $0 !== victim } ?? 0
    try await eventually(within: .seconds(30), "another master") {
      guard let owner = try cluster.owner(of: 0, asking: witness) else { return false }
      return owner.server !== victim
    }
    try await Task.sleep(for: .milliseconds(500))
    isOver.withLock { $0 = true }
    let count = await load
    // Whatever was lost on the way, each follower hears the newest, without an untold gap.
    try await eventually(within: .seconds(30), "all followers are told to fetch, or missed nothing") {
      ears.allSatisfy { $0.refetches > 0 || $0.numbers == Array(0..<count) }
    }
    say(999_999)
    try await eventually(within: .seconds(20), "the newest") {
      if ears.allSatisfy({ $0.numbers.last == 999_999 }) { return true }
      say(999_999)
      try await Task.sleep(for: .milliseconds(100))
      return false
    }
    for ear in ears { #expect(ear.gaps.withLock { $0 } == []) }
    for name in names {
      #expect(await a.memory.buckets?.take("ip_limit:\(name)", [RateAllowance(3, per: .seconds(60))]) != nil)
      _ = try await a.memory.locks.acquire("after:\(name)", keep: .seconds(5))
    }
    await a.close()
    await b.close()
  }
}
