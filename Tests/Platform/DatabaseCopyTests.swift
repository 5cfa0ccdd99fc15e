import Kernel
import Messaging
import Persistence
import PersistencePostgres
import ServiceKit
import TestKit
import Testing

/// Moving rows from one engine to the other, and back.
@Suite struct DatabaseCopyTests {
  static let schema =
    [
      Migration(
        "test-1",
        "CREATE TABLE test_values (kind TEXT NOT NULL, number BIGINT NOT NULL, b DOUBLE PRECISION, c TEXT, d {bytes}, PRIMARY KEY (kind, number))",
        "CREATE TABLE test_counted (position {serial}, what TEXT)")
    ] + Outbox.migrations(for: "kettle")

  static func fill(_ database: any Database) async throws {
    let time = ManualTime()
    let outbox = Outbox(service: "kettle", time: time.source, ids: time.ids()) { _, _ in }
    try await database.migrate(schema)
    try await database.write { transaction in
      for number in 0..<37 {
        try transaction.run(
          "INSERT INTO test_values VALUES (?, ?, ?, ?, ?)", .text(["a:1", "é\"'", "Z"][number % 3]), .integer(number - 5), .real(Double(number) / 7),
          number % 4 == 0 ? .null : .text("🍕 \(number)"), number % 5 == 0 ? .null : .bytes([0, UInt8(number), 255]))
        try transaction.run("INSERT INTO test_counted (what) VALUES (?)", .text("\(number)"))
        try outbox.publish(CupFilled(cup: "\(number % 3)", amount: number), in: transaction)
      }
      try transaction.run("DELETE FROM test_counted WHERE what IN ('35', '36')")
    }
  }

  static func contents(_ database: any Database) async throws -> [String] {
    try await database.read { transaction in
      try transaction.all("SELECT kind, number, b, c, d FROM test_values ORDER BY kind, number") { row in
        "\(row.text(0)) \(row.integer(1)) \(row.real(2)) \(row.optionalText(3) ?? "-") \(row.isNull(4) ? [] : row.bytes(4))"
      } + transaction.all("SELECT position, what FROM test_counted ORDER BY position") { "\($0.integer(0)) \($0.text(1))" }
        + transaction.all("SELECT position, sequence, envelope FROM kettle_outbox ORDER BY position") {
          "\($0.integer(0)) \($0.integer(1)) \($0.text(2))"
        }
    }
  }

  @Test func fromTheFileToPostgresAndBack() async throws {
    let (file, server, back) = (try await temporaryFile(), try temporarySchema(), try await temporaryFile())
    try await Self.fill(file)
    let there = try await DatabaseCopy(from: file, to: server, page: 4).run(Self.schema)
    let again = try await DatabaseCopy(from: server, to: back, page: 1000).run(Self.schema)
    #expect(there == again)
    #expect(there.reduce(0) { $0 + $1.rows } == 37 + 35 + 37 + 3)
    let was = try await Self.contents(file)
    #expect(try await Self.contents(server) == was)
    #expect(try await Self.contents(back) == was)
    // What counts by itself goes on behind the last number ever given.
    let next = try await server.write { try $0.first("INSERT INTO test_counted (what) VALUES ('new') RETURNING position") { $0.integer(0) } }
    #expect(next == 38)
    await server.close()
  }

  @Test func aTargetWithRowsIsRefusedAndACopyCutOffGoesOn() async throws {
    let (file, server) = (try await temporaryFile(), try temporarySchema())
    try await Self.fill(file)
    // Dies at a write: the pages before it are there.
    await #expect(throws: CancellationError.self) {
      try await DatabaseCopy(from: file, to: CrashingDatabase(server, crashAt: 12), page: 3).run(Self.schema)
    }
    let half = try await server.read { try $0.first("SELECT COUNT(*) FROM kettle_outbox") { $0.integer(0) } } ?? 0
    #expect(0 < half && half < 37)
    _ = try await DatabaseCopy(from: file, to: server, page: 3).run(Self.schema)
    #expect(try await Self.contents(server) == Self.contents(file))
    await #expect(throws: DatabaseCopy.Fault.self) { try await DatabaseCopy(from: file, to: server).run(Self.schema) }
    await server.close()
  }

  @Test func aDifferenceIsTold() async throws {
    let (file, server) = (try await temporaryFile(), try temporarySchema())
    try await Self.fill(file)
    await #expect(throws: CancellationError.self) {
      try await DatabaseCopy(from: file, to: CrashingDatabase(server, crashAt: 40), page: 3).run(Self.schema)
    }
    try await server.write { try $0.run("UPDATE kettle_outbox SET topic = 'another' WHERE position = 1") }
    await #expect(throws: DatabaseCopy.Fault.self) { try await DatabaseCopy(from: file, to: server, page: 3).run(Self.schema) }
    await server.close()
  }

  @Test func aFileOfAnotherVersionIsNotCopied() async throws {
    let (file, server) = (try await temporaryFile(), try temporarySchema())
    try await Self.fill(file)
    await #expect(throws: DatabaseCopy.Fault.self) {
      try await DatabaseCopy(from: file, to: server).run(Self.schema + [Migration("test-2", "CREATE TABLE test_more (id TEXT PRIMARY KEY)")])
    }
    await server.close()
  }
}
