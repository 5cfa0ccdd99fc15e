import Foundation
import Kernel
import Persistence
import PersistenceSQLite
import ServiceKit
import Synchronization
import TestKit
import Testing

@Suite struct PersistenceSQLiteTests {
  static let schema = Migration("test-1-things", "CREATE TABLE test_things (id TEXT PRIMARY KEY, amount BIGINT NOT NULL CHECK (amount >= 0), note TEXT)")

  @Test func valuesComeBackAsTheyWent() async throws {
    let database = try await temporaryDatabase([Migration("test-1", "CREATE TABLE test_values (a BIGINT, b DOUBLE PRECISION, c TEXT, d {bytes})")])
    let rows: [[SQLValue]] = [
      [.integer(.min), .real(0.1), .text("naïve 🍛"), .bytes([0, 1, 255])], [.integer(.max), .real(-1e300), "", .bytes([])], [nil, nil, nil, nil],
    ]
    try await database.write { transaction in
      for row in rows { try transaction.run("INSERT INTO test_values VALUES (?, ?, ?, ?)", row) }
    }
    let read = try await database.read { transaction in
      try transaction.all("SELECT a, b, c, d FROM test_values ORDER BY rowid") { row -> [SQLValue] in
        [.optional(row.optionalInteger(0)), .optional(row.optionalReal(1)), .optional(row.optionalText(2)), row.isNull(3) ? nil : .bytes(row.bytes(3))]
      }
    }
    #expect(read == rows)
    await database.close()
  }

  @Test func theWriterSyncsEveryCommit() async throws {
    let database = try await temporaryDatabase()
    let (synchronous, journal, keys) = try await database.write { transaction in
      (
        try transaction.first("PRAGMA synchronous") { $0.integer(0) }, try transaction.first("PRAGMA journal_mode") { $0.text(0) },
        try transaction.first("PRAGMA foreign_keys") { $0.integer(0) }
      )
    }
    #expect(synchronous == 2)
    #expect(journal == "wal")
    #expect(keys == 1)
  }

  @Test func aBodyThatThrowsIsUndoneAlone() async throws {
    struct Refused: Error {}
    let database = try await temporaryDatabase([Self.schema])
    let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
      for number in 0..<500 {
        group.addTask {
          do {
            try await database.write { transaction in
              try transaction.run("INSERT INTO test_things VALUES (?, ?, NULL)", .text("\(number)"), .integer(number))
              if number % 3 == 0 { throw Refused() }
            }
            return (number, true)
          } catch { return (number, false) }
        }
      }
      return await group.reduce(into: [Int: Bool]()) { $0[$1.0] = $1.1 }
    }
    let kept = try await database.read { try $0.all("SELECT amount FROM test_things") { $0.integer(0) } }
    #expect(Set(kept) == Set((0..<500).filter { $0 % 3 != 0 }))
    #expect(outcomes == Dictionary(uniqueKeysWithValues: (0..<500).map { ($0, $0 % 3 != 0) }))
  }
}
