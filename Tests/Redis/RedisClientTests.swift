import Foundation
import Kernel
import Observability
import RedisClient
import ServiceKit
import Synchronization
import TestKit
import Testing
import WebClient

extension RedisOptions {
  /// On a busy machine half a second may pass without a fault.
  static func patient(_ change: (inout RedisOptions) -> Void = { _ in }) -> RedisOptions {
    var options = RedisOptions()
    options.deadline = .seconds(2)
    change(&options)
    return options
  }
}

/// Runs the body with a client and closes it.
func withClient<Value>(
  _ address: RedisAddress, _ options: RedisOptions = .patient(), _ body: (RedisClient) async throws -> Value
) async throws -> Value {
  let client = try RedisClient(address, options, metrics: Metrics())
  let result: Result<Value, any Error>
  do { result = .success(try await body(client)) } catch { result = .failure(error) }
  await client.close()
  return try result.get()
}

@Suite(.serialized) struct RedisClientTests {
  @Test func commandsAreAnsweredInOrder() async throws {
    let server = try await RedisServer()
    try await server.start()
    try await withClient(server.address) { client async throws in
      #expect(await client.isReady(within: .seconds(60)))
      #expect(try await client.send("SET", "a", "1", key: "a") == .text("OK"))
      #expect(try await client.send("GET", "a", key: "a") == .text("1"))
      #expect(try await client.send("GET", "none", key: "none") == .null)
      #expect(try await client.send("HSET", "h", "x", "1", "y", "2", key: "h") == .integer(2))
      #expect(try await client.send("HGETALL", "h", key: "h") == .map([.text("x"), .text("1"), .text("y"), .text("2")]))
      await #expect(throws: RedisFailure.refused("WRONGTYPE Operation against a key holding the wrong kind of value")) {
        _ = try await client.send("GET", "h", key: "h")
      }
      let bytes = (0...255).map { UInt8($0) } + [13, 10, 0]
      #expect(try await client.send("SET", "b", .bytes(bytes), key: "b") == .text("OK"))
      #expect(try await client.send("GET", "b", key: "b") == .bytes(bytes))
      // Ten thousand in one go, each with its own answer.
      let results = await client.send(all: (0..<10_000).map { RedisCommand(["ECHO", .number($0)]) }, within: .seconds(10))
      #expect(results == (0..<10_000).map { .success(.text("\($0)")) })
      #expect(client.waiting == 0)
    }
  }

  @Test func aScriptIsSentWholeOnlyWhereItIsNotKnown() async throws {
    let server = try await RedisServer()
    try await server.start()
    try await withClient(server.address) { client async throws in
      #expect(await client.isReady(within: .seconds(60)))
      let script = RedisScript("return {KEYS[1], ARGV[1], redis.call('INCRBY', KEYS[1], ARGV[1])}")
      for round in 1...3 {
        #expect(try await client.send(RedisCommand(script, keys: ["n"], [.number(2)])) == .array([.text("n"), .text("2"), .integer(2 * round)]))
      }
      #expect(try server.cli("INFO", "commandstats").contains("cmdstat_eval:calls=1,"))
      try server.cli("SCRIPT", "FLUSH")
      #expect(try await client.send(RedisCommand(script, keys: ["n"], [.number(2)])).elements?.last == .integer(8))
    }
  }

  @Test func scriptsAndTheCommandsBetweenThemStayInOrderFromTheFirst() async throws {
    let server = try await RedisServer()
    try await server.start()
    let script = RedisScript("return redis.call('RPUSH', KEYS[1], ARGV[1])")
    try await withClient(server.address, .patient { $0.scripts = [script] }) { client async throws in
      #expect(await client.isReady(within: .seconds(60)))
      for round in 0..<2 {
        let done = Mutex(0)
        for number in 0..<300 {
          client.submit(RedisCommand(script, keys: ["list\(round)"], [.number(number)])) { _ in done.withLock { $0 += 1 } }
          // In several batches: what is sent again must not fall behind what is sent first.
          if number % 20 == 0 { try await Task.sleep(for: .microseconds(200)) }
        }
        try await eventually(within: .seconds(60), "all done") { done.withLock { $0 } == 300 }
        let list = try await client.send("LRANGE", .text("list\(round)"), 0, -1, key: "list\(round)").elements?.compactMap(\.integer)
        #expect(list == Array(0..<300))
        // A server that comes back knows no scripts.
        server.kill()
        try await server.start()
        try await eventually(within: .seconds(60), "gone and back") { (try? await client.send("PING")) == .text("PONG") }
      }
    }
  }

  @Test func aServerThatDiesIsMissedAtOnceAndFoundAgain() async throws {
    let server = try await RedisServer(["--requirepass", "geheim", "--databases", "4"])
    try await server.start()
    let address = try RedisAddress("redis://:geheim@127.0.0.1:\(server.port)/3")
    try await withClient(address) { client async throws in
      #expect(await client.isReady(within: .seconds(60)))
      #expect(try await client.send("SET", "k", "v", key: "k") == .text("OK"))
      #expect(try server.cli("-n", "3", "GET", "k").contains("v"))
      server.kill()
      try await eventually(within: .seconds(60), "the loss is noticed") { !client.health.isUp }
      let start = ContinuousClock.now
      for _ in 0..<100 { _ = try? await client.send("GET", "k", key: "k") }
      #expect(ContinuousClock.now - start < .seconds(15), "refused at once, not each after its deadline")
      await #expect(throws: RedisFailure.self) { try await client.send("GET", "k", key: "k") }
      // One that can wait does.
      async let patient = client.send("INCR", "n", key: "n", within: .seconds(20), patience: .untilDeadline)
      try await server.start()
      #expect(try await patient == .integer(1))
      try await eventually(within: .seconds(60), "up again") { client.health.isUp }
    }
  }

  @Test func aWrongPasswordSaysSo() async throws {
    let server = try await RedisServer(["--requirepass", "geheim"])
    try await server.start()
    try await withClient(RedisAddress("redis://:falsch@127.0.0.1:\(server.port)")) { client async throws in
      #expect(await client.isReady(within: .milliseconds(500)) == false)
      #expect(client.health.reason == "the user or password is wrong")
    }
    try await withClient(server.address) { client async throws in
      #expect(await client.isReady(within: .milliseconds(500)) == false)
      #expect(client.health.reason == "it wants a password")
    }
  }

  @Test func aServerThatHangsIsGivenUp() async throws {
    let server = try await RedisServer()
    try await server.start()
    try await withClient(
      server.address,
      .patient {
        $0.stall = .milliseconds(600); $0.maximumInFlight = 50
      }
    ) { client async throws in
      #expect(await client.isReady(within: .seconds(60)))
      server.signal(SIGSTOP)
      await #expect(throws: RedisFailure.timedOut) { try await client.send("PING", within: .milliseconds(100)) }
      // The bound of what waits holds: what is more is refused at once.
      let results = await client.send(all: (0..<200).map { _ in RedisCommand(["PING"]) }, within: .milliseconds(200))
      #expect(results.count { $0 == .failure(.full) } == 150)
      try await eventually(within: .seconds(60), "given up") { !client.health.isUp }
      server.signal(SIGCONT)
      try await eventually(within: .seconds(60), "back") { client.health.isUp }
      #expect(try await client.send("PING") == .text("PONG"))
    }
  }

  @Test func publishedMessagesComeInOrderAndAgainAfterALoss() async throws {
    let server = try await RedisServer()
    try await server.start()
    try await withClient(server.address) { client async throws in
      #expect(await client.isReady(within: .seconds(60)))
      let heard = Mutex<[String]>([])
      let subscription = client.subscribe(
        to: ["one", "two"],
        .init(
          began: { heard.withLock { $0.append("began") } },
          message: { channel, bytes in heard.withLock { $0.append("\(channel):\(String(decoding: bytes, as: UTF8.self))") } },
          ended: { heard.withLock { $0.append("ended") } }))
      try await eventually(within: .seconds(60), "began") { heard.withLock { $0 } == ["began"] }
      for number in 0..<200 { _ = try await client.send("PUBLISH", number % 2 == 0 ? "one" : "two", .number(number)) }
      try await eventually(within: .seconds(60), "all heard") { heard.withLock { $0.count } == 201 }
      #expect(heard.withLock { Array($0.dropFirst()) } == (0..<200).map { "\($0 % 2 == 0 ? "one" : "two"):\($0)" })
      server.kill()
      try await eventually(within: .seconds(60), "ended") { heard.withLock { $0.last } == "ended" }
      try await server.start()
      try await eventually(within: .seconds(60), "began again") { heard.withLock { $0.last } == "began" }
      _ = try await client.send("PUBLISH", "two", "x", within: .seconds(5), patience: .untilDeadline)
      try await eventually(within: .seconds(60), "heard again") { heard.withLock { $0.last } == "two:x" }
      subscription.stop()
      try await eventually(within: .seconds(60), "nobody listens") { try server.cli("PUBSUB", "NUMSUB", "two").contains("0") }
    }
  }

  @Test func overTLSOnlyACertificateThatIsTrustedWillDo() async throws {
    let folder = (temporaryPath("tls") as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func openssl(_ words: String) throws { try run("/usr/bin/openssl", words.split(separator: " ").map(String.init)) }
    try openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=TestAuthority -keyout \(folder)/ca.key -out \(folder)/ca.pem")
    try openssl("req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout \(folder)/key.pem -out \(folder)/server.csr")
    try "subjectAltName=DNS:localhost,IP:127.0.0.1".write(toFile: "\(folder)/names", atomically: true, encoding: .utf8)
    try openssl(
      "x509 -req -in \(folder)/server.csr -CA \(folder)/ca.pem -CAkey \(folder)/ca.key -CAcreateserial -days 2 -extfile \(folder)/names -out \(folder)/cert.pem"
    )
    let port = try await freeLoopbackPort()
    let server = try await RedisServer(
      port: port,
      [
        "--port", "0", "--tls-port", "\(port)", "--bind", "127.0.0.1", "--tls-cert-file", "\(folder)/cert.pem", "--tls-key-file", "\(folder)/key.pem",
        "--tls-ca-cert-file", "\(folder)/ca.pem", "--tls-auth-clients", "no"
      ])
    try await server.start()
    for host in ["localhost", "127.0.0.1"] {
      try await withClient(RedisAddress("rediss://\(host):\(port)"), .patient { $0.trustFile = "\(folder)/ca.pem" }) { client async throws in
        #expect(await client.isReady(within: .seconds(60)), "\(host): \(client.health.reason)")
        #expect(try await client.send("PING") == .text("PONG"))
      }
    }
    try await withClient(RedisAddress("rediss://localhost:\(port)")) { client async throws in
      #expect(await client.isReady(within: .seconds(1)) == false)
      #expect(client.health.reason == "its certificate is not trusted")
    }
  }
}
