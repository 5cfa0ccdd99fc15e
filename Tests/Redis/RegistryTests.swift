import Discovery
import Observability
import RedisClient
import ServiceKit
import TestKit
import Testing

@Suite struct RegistryTests {
  @Test func aRedisRemembersWhoIsThereAndForgetsWhoFallsSilent() async throws {
    let server = try await RedisServer()
    try await server.start()
    let client = try RedisClient(server.address, .patient(), metrics: Metrics())
    let time = ManualTime()
    let registry = RedisRegistry(client, time: time.source)
    try await registry.prepare()
    func instance(_ id: String) -> Instance { Instance(id: id, address: "http://10.0.0.7:3004", services: ["ordering"], version: "1") }
    try await registry.announce(instance("b"))
    try await registry.announce(instance("a"))
    #expect(try await registry.instances() == [instance("a"), instance("b")])
    await time.advance(by: .seconds(5))
    try await registry.announce(instance("b"))
    await time.advance(by: .seconds(2))
    #expect(try await registry.instances().map(\.id) == ["b"])
    try await registry.withdraw("b")
    #expect(try await registry.instances().isEmpty)
    #expect(try server.cli("HLEN", "{discovery}:instances").hasPrefix("1"), "the silent one is kept for a while")
    await time.advance(by: .seconds(600))
    try await registry.announce(instance("c"))
    #expect(try server.cli("HKEYS", "{discovery}:instances").split(separator: "\n") == ["c"])
    // Gone, it says so; the directory goes on with what it knows.
    server.kill()
    await #expect(throws: (any Error).self) { try await registry.instances() }
    await client.close()
  }
}
