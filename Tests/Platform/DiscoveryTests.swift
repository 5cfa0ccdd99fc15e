import Discovery
import Kernel
import PersistenceSQLite
import ServiceKit
import Synchronization
import TestKit
import Testing

@Suite struct DiscoveryTests {
  private func instance(_ id: String, _ services: [String] = ["ordering"], at address: String = "http://10.0.0.7:3004") -> Instance {
    Instance(id: id, address: address, services: services, version: "1")
  }

  @Test func aStaticListNamesServicesByAddress() async throws {
    let registry = try StaticRegistry("ordering=http://a:1, payments=http://a:1,ordering=http://b:2")
    let found = try await registry.instances()
    #expect(found.map(\.address) == ["http://a:1", "http://b:2"])
    #expect(found.map(\.services) == [["ordering", "payments"], ["ordering"]])
  }

  @Test(arguments: ["ordering", "ordering=", "=http://a:1", "ordering=a:1", "ordering=http://a", "ordering=http://a:0", "ordering=http://a b:1"])
  func aWrongEntryIsNamed(_ text: String) {
    #expect(throws: StaticRegistryFault.self) { try StaticRegistry("catalog=http://c:3," + text) }
  }

  @Test(arguments: ["http://127.0.0.1:80", "http://host.example:3004", "http://[::1]:3004"]) func addressesReadBack(_ text: String) {
    #expect(PeerAddress(text)?.description == text)
  }

  @Test func aTableForgetsWhoFallsSilent() async throws {
    let time = ManualTime()
    let path = temporaryPath("registry.sqlite")
    // Two processes with connections of their own to one file.
    let mine = try SQLiteDatabase(path: path, readers: 1)
    let yours = try SQLiteDatabase(path: path, readers: 1)
    let (here, there) = (DatabaseRegistry(mine, time: time.source), DatabaseRegistry(yours, time: time.source))
    try await here.prepare()
    try await there.prepare()
    try await here.announce(instance("b"))
    try await there.announce(instance("a", ["payments"]))
    #expect(try await here.instances().map(\.id) == ["a", "b"])
    await time.advance(by: .seconds(5))
    try await here.announce(instance("b"))
    await time.advance(by: .seconds(2))
    #expect(try await there.instances().map(\.id) == ["b"])
    try await here.withdraw("b")
    #expect(try await there.instances().isEmpty)
    await mine.close()
    await yours.close()
  }

  @Test func aDirectoryKeepsWhatItKnowsWhileTheRegistryIsGone() async throws {
    let time = ManualTime()
    let registry = FailingRegistry([instance("other"), instance("third", ["payments"], at: "http://10.0.0.8:3006")])
    let directory = Directory(registry, own: instance("own", ["gateway"], at: ""), time: time.source, pause: .seconds(1))
    try await directory.open()
    try await directory.join(at: "http://10.0.0.1:3000")
    #expect(directory.instances.map(\.id) == ["other", "own", "third"])
    let running = Task { await directory.run() }
    func step() async throws {
      try await eventually { time.sleeping > 0 }
      await time.advance(by: .seconds(1))
    }
    registry.isGone = true
    for _ in 0..<20 { try await step() }
    #expect(directory.instances(of: "ordering").map(\.id) == ["other"])
    // Back, and empty at first: who has not had the time to announce itself is not dropped at once.
    registry.isGone = false
    registry.clear()
    try await step()
    try await eventually { registry.holds("own") }
    #expect(directory.instances.map(\.id) == ["other", "own", "third"])
    for _ in 0..<8 { try await step() }
    try await eventually { directory.instances.map(\.id) == ["own"] }
    await directory.leave()
    #expect(!registry.holds("own"))
    running.cancel()
    await running.value
  }

  @Test func aStartWaitsForServicesAndNamesThoseMissing() async throws {
    let time = ManualTime()
    let registry = FailingRegistry([instance("a")])
    let directory = Directory(registry, own: instance("own", ["gateway"], at: ""), time: time.source)
    try await directory.open()
    #expect(await directory.missing(of: ["ordering"], within: .zero) == [])
    #expect(await directory.missing(of: ["ordering", "payments"], within: .zero) == ["payments"])
    let waiting = Task { await directory.missing(of: ["payments"], within: .seconds(10)) }
    try await eventually { time.sleeping > 0 }
    try await registry.announce(instance("late", ["payments"]))
    await time.advance(by: .seconds(1))
    #expect(await waiting.value == [])
  }
}

private final class FailingRegistry: Registry {
  private let state: Mutex<(all: [String: Instance], isGone: Bool)>

  init(_ all: [Instance]) { state = Mutex((Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) }), false)) }

  var isGone: Bool {
    get { state.withLock { $0.isGone } }
    set { state.withLock { $0.isGone = newValue } }
  }
  func clear() { state.withLock { $0.all = [:] } }
  func holds(_ id: String) -> Bool { state.withLock { $0.all[id] != nil } }

  func announce(_ instance: Instance) async throws { try change { $0[instance.id] = instance } }
  func withdraw(_ id: String) async throws { try change { $0[id] = nil } }
  func instances() async throws -> [Instance] { try change { $0.values.sorted { $0.id < $1.id } } }

  private func change<Value: Sendable>(_ body: (inout [String: Instance]) -> Value) throws -> Value {
    try state.withLock { state in
      if state.isGone { throw Unavailable("the registry is gone") }
      return body(&state.all)
    }
  }
}
