import Persistence
import PersistenceSQLite
import TestKit
import Testing

@Suite struct PersistenceIdempotencyTests {
  @Test func aKeyGoesThroughItsLife() async throws {
    let time = ManualTime()
    let database = try await temporaryDatabase(Idempotency.migrations(for: "test"))
    let keys = Idempotency(service: "test", time: time.source, keep: .seconds(100))
    let begin: @Sendable (String, String, String) async throws -> Idempotency.Begun = { scope, key, hash in
      try await database.write { try keys.begin(scope: scope, key: key, hash: hash, in: $0) }
    }
    #expect(try await begin("user:1", "k", "h") == .new)
    #expect(try await begin("user:1", "k", "h") == .inProgress)
    #expect(try await begin("user:1", "k", "other") == .conflict)
    #expect(try await begin("user:2", "k", "other") == .new)
    try await database.write { try keys.complete(scope: "user:1", key: "k", reply: [1, 2], in: $0) }
    #expect(try await begin("user:1", "k", "h") == .done([1, 2]))
    #expect(try await begin("user:1", "k", "other") == .conflict)
    // What was answered is not forgotten by giving it up; what was not, is.
    try await database.write { transaction in
      for scope in ["user:1", "user:2"] { try keys.abandon(scope: scope, key: "k", in: transaction) }
    }
    #expect(try await begin("user:1", "k", "h") == .done([1, 2]))
    #expect(try await database.read { try keys.look(scope: "user:2", key: "k", hash: "x", in: $0) } == .new)
    #expect(try await begin("user:2", "k", "x") == .new)
    await time.advance(by: .seconds(101))
    #expect(try await begin("user:1", "k", "other") == .new)
    #expect(try await database.write { try keys.prune(in: $0) } == 1)
    #expect(try await database.read { try keys.look(scope: "user:1", key: "k", hash: "other", in: $0) } == .inProgress)
  }

  @Test func oneOfManyAtOnceDoesTheWork() async throws {
    let database = try await temporaryDatabase(Idempotency.migrations(for: "test"))
    let keys = Idempotency(service: "test", time: ManualTime().source)
    let begun = try await withThrowingTaskGroup(of: Idempotency.Begun.self) { group in
      for _ in 0..<50 { group.addTask { try await database.write { try keys.begin(scope: "s", key: "k", hash: "h", in: $0) } } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(begun.count { $0 == .new } == 1)
    #expect(begun.count { $0 == .inProgress } == 49)
  }
}
