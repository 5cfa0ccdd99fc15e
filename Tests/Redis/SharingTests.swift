import Caching
import CachingRedis
import Foundation
import Kernel
import Observability
import Realtime
import RedisClient
import ServiceKit
import Synchronization
import TestKit
import Testing

@testable import WebServer

/// Two nodes of one installation on one Redis.
struct Nodes: Sendable {
  let server: RedisServer
  let a: RedisSharing
  let b: RedisSharing

  static func with<Value>(_ body: (Nodes) async throws -> Value) async throws -> Value {
    let server = try await RedisServer()
    try await server.start()
    let time = wallTime
    func node() throws -> RedisSharing {
      try RedisSharing(server.address, .patient(), isListening: true, time: time, ids: IdentifierSource(time: time), metrics: Metrics())
    }
    let nodes = Nodes(server: server, a: try node(), b: try node())
    for node in [nodes.a, nodes.b] { #expect(await node.client.isReady(within: .seconds(60))) }
    try await eventually(within: .seconds(60), "both listen for signals") { try server.cli("PUBSUB", "NUMSUB", "tiffin:signals").hasSuffix("2\n") }
    let result: Result<Value, any Error>
    do { result = .success(try await body(nodes)) } catch { result = .failure(error) }
    await nodes.a.close()
    await nodes.b.close()
    return try result.get()
  }

  func isGone() async throws {
    server.kill()
    try await eventually(within: .seconds(60), "the loss is noticed") { !a.client.health.isUp && !b.client.health.isUp }
  }

  func isBack() async throws {
    try await server.start()
    try await eventually(within: .seconds(20), "all have come back") {
      try a.client.health.isUp && b.client.health.isUp && server.cli("PUBSUB", "NUMSUB", "tiffin:signals").hasSuffix("2\n")
    }
  }
}

let wallTime = TimeSource.scaled(from: Instant(milliseconds: Int(Date().timeIntervalSince1970 * 1000)))

@Suite(.serialized) struct SharingTests {
  /// A cache of one node over a truth that all share, counting how often it is read.
  private final class Shelf: Sendable {
    let cache: Cache<String, String>
    let loads = Mutex(0)
    private let truth: Truth

    init(_ node: RedisSharing, _ truth: Truth, keep: Duration = .seconds(60)) {
      self.truth = truth
      cache = Cache(
        capacity: 100, keep: keep, time: wallTime,
        shared: SecondLevelUse(
          node.memory, topic: "shelf", speed: 1, name: { "tenant:t1:shelf:\($0)" }, subject: { $0 }, key: { $0 }, encode: { Array($0.utf8) },
          decode: { String(decoding: $1, as: UTF8.self) }))
    }

    func read(_ key: String) async throws -> String {
      try await cache.value(for: key) {
        self.loads.withLock { $0 += 1 }
        return self.truth.value.withLock { $0 }
      }
    }
    var count: Int { loads.withLock { $0 } }
  }

  private final class Truth: Sendable { let value = Mutex("one") }

  @Test func whatOneNodeReadTheOtherFindsAndWhatOneDropsBothForget() async throws {
    try await Nodes.with { nodes async throws in
      let truth = Truth()
      let (a, b) = (Shelf(nodes.a, truth), Shelf(nodes.b, truth))
      #expect(try await a.read("k") == "one")
      try await eventually(within: .seconds(60), "kept") { try nodes.server.cli("GET", "tenant:t1:shelf:k").contains("one") }
      #expect(try await b.read("k") == "one")
      #expect((a.count, b.count) == (1, 0), "the other node found it")
      truth.value.withLock { $0 = "two" }
      a.cache.invalidate("k")
      try await eventually(within: .seconds(60), "forgotten on the other node") { b.cache.cached("k") == nil }
      #expect(try await b.read("k") == "two")
      #expect(try await a.read("k") == "two")

      // Gone: each works alone, and neither waits for it.
      try await nodes.isGone()
      #expect(b.cache.cached("k") == "two")
      truth.value.withLock { $0 = "three" }
      a.cache.invalidate("k")
      #expect(try await a.read("k") == "three")
      #expect(try await b.read("k") == "two", "nobody could tell it")
      // Back: what is kept on the strength of not having heard is forgotten.
      try await nodes.isBack()
      try await eventually(within: .seconds(60), "doubted") { b.cache.cached("k") == nil }
      #expect(try await b.read("k") == "three")
    }
  }

  @Test func aDropThatCouldNotBeToldIsToldWhenItCan() async throws {
    try await Nodes.with { nodes async throws in
      let truth = Truth()
      let a = Shelf(nodes.a, truth)
      #expect(try await a.read("k") == "one")
      try await eventually(within: .seconds(60), "kept") { try nodes.server.cli("GET", "tenant:t1:shelf:k").contains("one") }
      // It hangs and keeps what it has, as one does that is cut off.
      nodes.server.signal(SIGSTOP)
      try await eventually(within: .seconds(60), "given up") { !nodes.a.client.health.isUp }
      truth.value.withLock { $0 = "two" }
      a.cache.invalidate("k")
      nodes.server.signal(SIGCONT)
      try await eventually(within: .seconds(60), "dropped there too") { try !nodes.server.cli("GET", "tenant:t1:shelf:k").contains("one") }
      let b = Shelf(nodes.b, truth)
      #expect(try await b.read("k") == "two")
    }
  }

  /// On a busy machine an answer may come too late for a cache; it is asked again then.
  private func find(_ name: String, _ level: any SecondLevel) async -> SecondLevelFound {
    for _ in 0..<50 {
      let found = await level.find(name)
      if found != .gone { return found }
    }
    return .gone
  }

  @Test func whatWasLoadedBeforeADropIsNotKeptAfterIt() async throws {
    try await Nodes.with { nodes async throws in
      let level = nodes.a.memory.level
      guard case .missing(let lease) = await find("tenant:t1:x", level) else { Issue.record("it is there"); return }
      nodes.b.memory.level.drop("tenant:t1:x", topic: "none", subject: "x")
      try await eventually(within: .seconds(60), "dropped") { try nodes.server.cli("GET", "drops:{tenant:t1:x}").contains("1") }
      level.put("tenant:t1:x", [1], keep: .seconds(60), lease: lease)
      guard case .missing(let next) = await find("tenant:t1:x", level) else { Issue.record("the old value was kept"); return }
      level.put("tenant:t1:x", [2], keep: .seconds(60), lease: next)
      guard case .value(let bytes, let goodFor) = await find("tenant:t1:x", level) else { Issue.record("the new value was not kept"); return }
      #expect(bytes == [2])
      #expect(.seconds(50)...(.seconds(60)) ~= goodFor)
    }
  }

  @Test func nodesDrawFromOneBucketAndNobodyGetsAFreshOneWhenItIsGone() async throws {
    try await Nodes.with { nodes async throws in
      let limits = RateLimits([.address: [RateAllowance(10, per: .seconds(3600))]])
      let limiters = [nodes.a, nodes.b].map { RateLimiter(limits, shared: $0.memory.buckets, now: { DispatchTime.now().uptimeNanoseconds }) }
      let allowed = await withTaskGroup(of: Bool.self) { group in
        for number in 0..<6 { group.addTask { await limiters[number % 2].take(.address, "192.0.2.1")?.isAllowed ?? false } }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(allowed == 6)
      #expect(await limiters[0].take(.address, "192.0.2.1")?.remaining == 3)
      #expect(await limiters[1].take(.address, "192.0.2.1")?.remaining == 2)
      #expect(try nodes.server.cli("HGET", "ip_limit:192.0.2.1", "tokens1").hasPrefix("2"))
      try await nodes.isGone()
      // This node saw that two were left.
      var left = 0
      for _ in 0..<5 where await limiters[1].take(.address, "192.0.2.1")?.isAllowed == true { left += 1 }
      #expect(left == 2)
      try await nodes.isBack()
      #expect(await limiters[0].take(.address, "192.0.2.1")?.remaining == 9, "Redis began anew")
    }
  }

  private final class Holding: Sendable { let state = Mutex((now: 0, most: 0, tokens: [Int]())) }

  @Test func oneNodeHoldsALockAndTokensOnlyGrow() async throws {
    try await Nodes.with { nodes async throws in
      let holding = Holding()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<20 {
          let locks = number % 2 == 0 ? nodes.a.memory.locks : nodes.b.memory.locks
          group.addTask {
            try await locks.withLock("order-123", keep: .seconds(20), wait: .seconds(30)) { lock in
              holding.state.withLock {
                $0.now += 1; $0.most = max($0.most, $0.now); $0.tokens.append(lock.token)
              }
              try await Task.sleep(for: .milliseconds(2))
              holding.state.withLock { $0.now -= 1 }
            }
          }
        }
        try await group.waitForAll()
      }
      let seen = holding.state.withLock { $0 }
      #expect(seen.most == 1)
      #expect(seen.tokens == seen.tokens.sorted() && Set(seen.tokens).count == 20)
      let locks = nodes.a.memory.locks
      let held = try #require(try await locks.acquire("x", keep: .seconds(60)))
      #expect(try await nodes.b.memory.locks.acquire("x", keep: .seconds(5)) == nil)
      #expect(try await locks.extend(held, keep: .milliseconds(50)))
      // It ends by itself; who held it holds it no more, and cannot give back what another holds.
      let taken = Mutex<HeldLock?>(nil)
      try await eventually(within: .seconds(60), "ended") {
        let next = try await nodes.b.memory.locks.acquire("x", keep: .seconds(30))
        taken.withLock { $0 = next }
        return next != nil
      }
      let next = try #require(taken.withLock { $0 })
      #expect(next.token > held.token)
      #expect(try await locks.extend(held, keep: .seconds(5)) == false)
      await locks.release(held)
      #expect(try await locks.acquire("x", keep: .seconds(5)) == nil)
      // A Redis without memory gives no lower token.
      try await nodes.isGone()
      await #expect(throws: Unavailable.self) { try await locks.acquire("y", keep: .seconds(1)) }
      try await nodes.isBack()
      #expect(try #require(try await locks.acquire("x", keep: .seconds(5))).token > next.token)
    }
  }

  @Test func placesOfOneNodeAreKnownToTheOther() async throws {
    try await Nodes.with { nodes async throws in
      let heard = Mutex<[String: Sighting]>([:])
      nodes.b.memory.places?.listen { places in heard.withLock { for place in places { $0[place.member] = place } } }
      try await eventually(within: .seconds(60), "listening") { try nodes.server.cli("PUBSUB", "NUMSUB", "tiffin:places").hasSuffix("1\n") }
      let now = wallTime.now
      func place(_ number: Int) -> Sighting {
        Sighting(
          member: "p\(number)", point: GeoPoint(latitude: 52.5 + Double(number) / 1000, longitude: 13.4), at: now + .milliseconds(number),
          status: "available")
      }
      let places = (0..<500).map(place)
      nodes.a.memory.places?.put(places)
      try await eventually(within: .seconds(60), "all heard") { heard.withLock { $0.count } == 500 }
      #expect(heard.withLock { $0["p7"] } == places[7])
      #expect(try nodes.server.cli("HGET", "tenant:platform:partner:p7", "status") == "available\n")
      let near = try #require(
        await nodes.b.memory.places?.near(GeoPoint(latitude: 52.51, longitude: 13.4), radiusMeters: 300, limit: 10))
      #expect(near.map(\.member).sorted() == ["p10", "p11", "p12", "p8", "p9"])
      #expect(near.first?.member == "p10")
      #expect(near.allSatisfy { $0.status == "available" && $0.at >= now })
      nodes.a.memory.places?.remove(["p10"])
      try await eventually(within: .seconds(60), "removed") { try nodes.server.cli("ZSCORE", "tenant:platform:partners:locations", "p10") == "\n" }
      try await nodes.isGone()
      #expect(await nodes.b.memory.places?.near(GeoPoint(latitude: 52.51, longitude: 13.4), radiusMeters: 300, limit: 10) == nil)
      try await nodes.isBack()
      try await eventually(within: .seconds(60), "listening again") { try nodes.server.cli("PUBSUB", "NUMSUB", "tiffin:places").hasSuffix("1\n") }
      nodes.a.memory.places?.put([place(900)])
      try await eventually(within: .seconds(60), "heard again") { heard.withLock { $0["p900"] } != nil }
    }
  }
}
