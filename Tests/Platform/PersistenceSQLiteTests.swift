import Foundation
import Kernel
import Persistence
import PersistenceSQLite
import ServiceKit
import TestKit
import Testing

@Suite struct PersistenceSQLiteTests {
  static let schema = Migration(
    "test-1-things", "CREATE TABLE test_things (id TEXT PRIMARY KEY, amount BIGINT NOT NULL CHECK (amount >= 0), note TEXT)")

  @Test func valuesComeBackAsTheyWent() async throws {
    let database = try await temporaryFile([Migration("test-1", "CREATE TABLE test_values (a BIGINT, b DOUBLE PRECISION, c TEXT, d {bytes})")])
    let rows: [[SQLValue]] = [
      [.integer(.min), .real(0.1), .text("naïve 🍛"), .bytes([0, 1, 255])], [.integer(.max), .real(-1e300), "", .bytes([])], [nil, nil, nil, nil]
    ]
    try await database.write { transaction in
      for row in rows { try transaction.run("INSERT INTO test_values VALUES (?, ?, ?, ?)", row) }
    }
    let read = try await database.read { transaction in
      try transaction.all("SELECT a, b, c, d FROM test_values ORDER BY rowid") { row -> [SQLValue] in
        [
          .optional(row.optionalInteger(0)), .optional(row.optionalReal(1)), .optional(row.optionalText(2)),
          row.isNull(3) ? nil : .bytes(row.bytes(3))
        ]
      }
    }
    #expect(read == rows)
    await database.close()
  }

  @Test func theWriterSyncsEveryCommit() async throws {
    let database = try await temporaryFile()
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
    let database = try await temporaryFile([Self.schema])
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

  @Test func whoReadsAfterAWriteSeesIt() async throws {
    let database = try await temporaryFile([Self.schema])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<8 {
        group.addTask {
          for number in 0..<100 {
            let id = "\(client)-\(number)"
            try await database.write { try $0.run("INSERT INTO test_things VALUES (?, 1, NULL)", .text(id)) }
            let isThere = try await database.read { try $0.first("SELECT 1 FROM test_things WHERE id = ?", .text(id)) { _ in true } }
            #expect(isThere == true)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Statements that break a constraint, and the kind that is told.
  static let violations: [(String, ConstraintViolation.Kind)] = [
    ("INSERT INTO test_things VALUES ('a', 1, NULL)", .unique), ("INSERT INTO test_things VALUES ('b', -1, NULL)", .check),
    ("INSERT INTO test_things VALUES ('b', NULL, NULL)", .notNull), ("INSERT INTO test_parts VALUES ('nobody')", .foreignKey)
  ]

  @Test(arguments: violations) func aBrokenConstraintIsTold(_ statement: String, _ kind: ConstraintViolation.Kind) async throws {
    let database = try await temporaryFile([
      Self.schema, Migration("test-2-parts", "CREATE TABLE test_parts (thing TEXT NOT NULL REFERENCES test_things (id))")
    ])
    let caught = try await database.write { transaction -> ConstraintViolation.Kind? in
      try transaction.run("INSERT INTO test_things VALUES ('a', 1, NULL)")
      do { try transaction.run(statement) } catch let violation as ConstraintViolation { return violation.kind }
      return nil
    }
    #expect(caught == kind)
    // The body went on after it, and its other change is kept.
    #expect(try await Self.count(database) == 1)
  }

  @Test func whatFollowsTheCommitFollowsItOnly() async throws {
    struct Refused: Error {}
    let database = try await temporaryFile([Self.schema])
    let done = Notes<Int>()
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<60 {
        group.addTask {
          _ = try? await database.write { transaction in
            transaction.afterCommit { done.add(number) }
            try transaction.run("INSERT INTO test_things VALUES (?, 1, NULL)", .text("\(number)"))
            if number.isMultiple(of: 2) { throw Refused() }
          }
        }
      }
    }
    #expect(done.all.sorted() == (0..<60).filter { !$0.isMultiple(of: 2) })
  }

  @Test func aReadCannotWriteAndAWrongStatementIsNotUnavailability() async throws {
    let database = try await temporaryFile([Self.schema])
    for statement in ["INSERT INTO test_things VALUES ('a', 1, NULL)", "SELECT nothing FROM test_things", "SELECT 1; SELECT 2", "SELECT ?"] {
      await #expect(throws: StatementFailed.self) { try await database.read { try $0.run(statement) } }
    }
  }

  @Test func aQueryWithinItselfWalksBoth() async throws {
    let database = try await temporaryFile([Self.schema])
    try await database.write { transaction in
      for id in ["a", "b", "c"] { try transaction.run("INSERT INTO test_things VALUES (?, 1, NULL)", .text(id)) }
    }
    let pairs = try await database.read { transaction in
      var pairs: [String] = []
      let query = "SELECT id FROM test_things ORDER BY id"
      try transaction.rows(query, []) { outer in
        try transaction.rows(query, []) { inner in pairs.append(outer.text(0) + inner.text(0)) }
      }
      return pairs
    }
    #expect(pairs == ["aa", "ab", "ac", "ba", "bb", "bc", "ca", "cb", "cc"])
  }

  @Test func aFullDiskUndoesWhatItCannotHoldAndWritingRecovers() async throws {
    let database = try await temporaryFile([Self.schema])
    try await database.write { try $0.run("INSERT INTO test_things VALUES ('first', 1, NULL)") }
    let pages = try await database.read { try $0.first("PRAGMA page_count") { $0.integer(0) } } ?? 0
    try await database.write { try $0.rows("PRAGMA max_page_count = \(pages + 4)", []) { _ in } }
    // Bodies of two rows each: a half body would show.
    let note = String(repeating: "x", count: 1500)
    let write: @Sendable (Int) async -> String? = { number in
      do {
        try await database.write { transaction in
          for part in 0..<2 { try transaction.run("INSERT INTO test_things VALUES (?, 1, ?)", .text("\(number)-\(part)"), .text(note)) }
        }
        return "\(number)"
      } catch {
        #expect(error is Unavailable)
        return nil
      }
    }
    let kept = await withTaskGroup(of: String?.self) { group in
      for number in 0..<200 { group.addTask { await write(number) } }
      return await group.reduce(into: Set<String>()) { if let id = $1 { $0.insert(id) } }
    }
    #expect(kept.count < 200)
    let there = try await database.read { try $0.all("SELECT id FROM test_things WHERE id <> 'first'") { $0.text(0) } }
    #expect(Set(there) == Set(kept.flatMap { ["\($0)-0", "\($0)-1"] }))
    try await database.write { try $0.rows("PRAGMA max_page_count = 1073741823", []) { _ in } }
    for number in 200..<210 { #expect(await write(number) != nil) }
  }

  @Test func closingFinishesWhatWaits() async throws {
    let path = temporaryPath("closed.sqlite")
    let database = try SQLiteDatabase(path: path, readers: 1)
    try await database.migrate([Self.schema])
    let answered = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<300 {
        group.addTask { (try? await database.write { try $0.run("INSERT INTO test_things VALUES (?, 1, NULL)", .text("\(number)")) }) != nil }
      }
      await database.close()
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    await #expect(throws: Unavailable.self) { try await database.read { try $0.first("SELECT 1") { $0.integer(0) } } }
    #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
    let again = try SQLiteDatabase(path: path, readers: 1)
    #expect(try await Self.count(again) == answered)
    await again.close()
  }

  @Test func theLogStaysShortUnderWritesWithoutPause() async throws {
    let path = temporaryPath("busy.sqlite")
    let database = try SQLiteDatabase(path: path, readers: 2)
    try await database.migrate([Self.schema])
    let note = String(repeating: "x", count: 3500)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<64 {
        group.addTask {
          for number in 0..<300 {
            try await database.write { try $0.run("INSERT INTO test_things VALUES (?, 1, ?)", .text("\(client)-\(number)"), .text(note)) }
          }
        }
      }
      group.addTask { for _ in 0..<200 { _ = try await Self.count(database) } }
      try await group.waitForAll()
    }
    let size = try #require(FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int)
    #expect(size < 70_000_000)
    await database.close()
  }

  @Test func migrationsApplyOnceAndAStrangerIsTold() async throws {
    let database = try await temporaryFile([Self.schema])
    try await database.migrate([Self.schema, Migration("test-2", "ALTER TABLE test_things ADD COLUMN more TEXT")])
    try await database.migrate([
      Self.schema, Migration("test-2", "ALTER TABLE test_things ADD COLUMN more TEXT"), Migration("other-1", "CREATE TABLE other_x (a TEXT)")
    ])
    await #expect(throws: SchemaTooNew.self) { try await database.migrate([Self.schema]) }
    await #expect(throws: StatementFailed.self) {
      try await database.migrate([Migration("third-1", "CREATE TABLE third_a (a TEXT)", "CREATE TABLE nonsense")])
    }
    let half = try await database.read { try $0.first("SELECT 1 FROM sqlite_master WHERE name = 'third_a'") { _ in true } }
    #expect(half == nil)
  }

  static func count(_ database: SQLiteDatabase) async throws -> Int {
    try await database.read { try $0.first("SELECT COUNT(*) FROM test_things") { $0.integer(0) } } ?? 0
  }
}
