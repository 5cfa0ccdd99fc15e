import Kernel
import Messaging
import Persistence
import PersistencePostgres
import ServiceKit
import TestKit
import Testing

/// Bodies that are committed together on PostgreSQL, their statements ahead of the answers: each as if it were alone.
@Suite struct PostgresGroupTests {
  static let migrations = [
    Migration(
      "test-1", "CREATE TABLE test_accounts (name TEXT PRIMARY KEY, amount BIGINT NOT NULL)",
      "CREATE TABLE test_log (position {serial}, name TEXT NOT NULL, note TEXT)")
  ]

  static let add = "INSERT INTO test_accounts (name, amount) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
  static let raise =
    "INSERT INTO test_accounts (name, amount) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET amount = test_accounts.amount + excluded.amount"

  /// Runs bodies in one group: they are asked for while the only writer is busy.
  private func together<Value: Sendable>(
    _ database: PostgresDatabase, _ count: Int, _ body: @escaping @Sendable (Int, any Transaction) throws -> Value
  ) async throws -> [Result<Value, any Error>] {
    async let busy: Void = database.write { try $0.run("SELECT pg_sleep(0.4)") }
    try await Task.sleep(for: .milliseconds(100))
    let results = await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
      for number in 0..<count {
        group.addTask {
          do { return (number, .success(try await database.write { try body(number, $0) })) } catch { return (number, .failure(error)) }
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    try await busy
    return (0..<count).compactMap { results[$0] }
  }

  private func accounts(_ database: PostgresDatabase) async throws -> [String: Int] {
    try await database.read { transaction in
      Dictionary(uniqueKeysWithValues: try transaction.all("SELECT name, amount FROM test_accounts") { ($0.text(0), $0.integer(1)) })
    }
  }

  @Test func whatIsAlikeIsWrittenAsOneAndAllOfItIsThere() async throws {
    let database = try temporarySchema(writers: 1)
    try await database.migrate(Self.migrations)
    let committed = Notes<Int>()
    let results = try await together(database, 100) { number, transaction in
      let isNew = try transaction.run(Self.add, expecting: 1, .text("\(number)"), .integer(number)) == 1
      try transaction.run("INSERT INTO test_log (name, note) VALUES (?, ?), (?, NULL)", .text("\(number)"), .text("it's \(number)?"), .text("second"))
      if number % 2 == 0 {
        _ = try transaction.run("DELETE FROM test_accounts WHERE name = ? AND amount = ?", expecting: 1, .text("\(number)"), .integer(number))
      }
      transaction.afterCommit { committed.add(number) }
      return isNew
    }
    #expect(try results.map { try $0.get() } == Array(repeating: true, count: 100))
    #expect(try await accounts(database) == Dictionary(uniqueKeysWithValues: stride(from: 1, to: 100, by: 2).map { ("\($0)", $0) }))
    let notes = try await database.read { try $0.all("SELECT note FROM test_log WHERE note IS NOT NULL") { $0.text(0) } }
    #expect(Set(notes) == Set((0..<100).map { "it's \($0)?" }))
    #expect(committed.all.sorted() == Array(0..<100))
    await database.close()
  }

  @Test func whoIsToldWhatTurnsOutOtherwiseRunsAgainWithTheTruth() async throws {
    let database = try temporarySchema(writers: 1)
    try await database.migrate(Self.migrations)
    try await database.write { try $0.run(Self.add, "7", 0) }
    // Everybody's name but the seventh's is free; two want the same one.
    let results = try await together(database, 40) { number, transaction in
      try transaction.run(Self.add, expecting: 1, .text("\(min(number, 38))"), .integer(1)) == 1
    }
    let told = try results.map { try $0.get() }
    #expect(told[..<38].enumerated().filter { !$0.element }.map(\.offset) == [7])
    #expect([told[38], told[39]].count { $0 } == 1)
    #expect(try await accounts(database).values.reduce(0, +) == 38)
    await database.close()
  }

  @Test func aRefusalNeverRestsOnAGuess() async throws {
    let database = try temporarySchema(writers: 1)
    try await database.migrate(Self.migrations)
    struct Refusal: Error, Equatable { var isNew: Bool }
    try await database.write { try $0.run(Self.add, "3", 0) }
    let results = try await together(database, 6) { number, transaction in
      let isNew = try transaction.run(Self.add, expecting: 1, .text("\(number)"), .integer(1)) == 1
      try transaction.run("INSERT INTO test_log (name) VALUES (?)", .text("\(number)"))
      if number % 3 == 0 { throw Refusal(isNew: isNew) }
    }
    func refusal(_ number: Int) -> Refusal? { if case .failure(let error) = results[number] { error as? Refusal } else { nil } }
    #expect(refusal(0) == Refusal(isNew: true))
    #expect(refusal(3) == Refusal(isNew: false))
    #expect(try await accounts(database) == ["1": 1, "2": 1, "3": 0, "4": 1, "5": 1])
    #expect(try await database.read { try $0.first("SELECT COUNT(*) FROM test_log") { $0.integer(0) } } == 4)
    await database.close()
  }

  @Test func updatesOfManyRowsKeepTheirOwnArguments() async throws {
    let database = try temporarySchema(writers: 1)
    try await database.migrate([
      Migration("test-1", "CREATE TABLE test_values (id TEXT PRIMARY KEY, a BIGINT, b DOUBLE PRECISION, c TEXT, d {bytes}, e BIGINT)")
    ])
    try await database.write { transaction in
      for number in 0..<50 { try transaction.run("INSERT INTO test_values (id, a, e) VALUES (?, ?, 1)", .text("\(number)"), .integer(number)) }
    }
    let results = try await together(database, 52) { number, transaction in
      let isNull = number % 4 == 0
      // The last two mean one that is gone, and one that another means too.
      let id = number == 50 ? "gone" : number == 51 ? "7" : "\(number)"
      return try transaction.run(
        "UPDATE test_values SET a = a + ?, b = ?, c = ?, d = ?, e = ? WHERE id = ? AND a < 1000",
        [
          .integer(1000), isNull ? .null : .real(Double(number) / 8), isNull ? .null : .text("it's \(number)"),
          isNull ? .null : .bytes([UInt8(number)]), .null, .text(id)
        ], expecting: 1)
    }
    let counts = try results.map { try $0.get() }
    #expect(counts[50] == 0 && counts[7] + counts[51] == 1)
    #expect(counts.reduce(0, +) == 50)
    let rows = try await database.read { transaction in
      try transaction.all("SELECT id, a, b, c, d FROM test_values WHERE e IS NULL") { row in
        (row.integer(0), row.integer(1), row.optionalReal(2), row.optionalText(3), row.isNull(4) ? nil : row.bytes(4))
      }
    }
    #expect(rows.count == 50)
    for row in rows where row.0 != 7 {
      let isNull = row.0 % 4 == 0
      #expect(row.1 == row.0 + 1000)
      #expect(row.2 == (isNull ? nil : Double(row.0) / 8))
      #expect(row.3 == (isNull ? nil : "it's \(row.0)"))
      #expect(row.4 == (isNull ? nil : [UInt8(row.0)]))
    }
    await database.close()
  }

  /// What goes as lists: nulls among values, columns of nothing but nulls, any text, more rows than a group holds.
  @Test func rowsOfAGroupKeepTheirOwnValues() async throws {
    let database = try temporarySchema(writers: 1)
    try await database.migrate([
      Migration("test-1", "CREATE TABLE test_values (id TEXT PRIMARY KEY, a BIGINT, b DOUBLE PRECISION, c TEXT, d {bytes}, e BIGINT, f BIGINT)")
    ])
    let texts = ["", "it's {\"1\"}, (2) \\ ?", "na\u{ef}ve \u{1F35B}", "NULL"]
    let results = try await together(database, 300) { number, transaction in
      let isNull = number % 4 == 0
      try transaction.run(
        "INSERT INTO test_values (id, a, b, c, d, e, f) VALUES (?, ?, ?, ?, ?, 7, ?)", .text("\(number)"), .integer(isNull ? .min : number),
        isNull ? .null : .real(Double(number) / 8), isNull ? .null : .text(texts[number % texts.count]),
        isNull ? .null : .bytes([UInt8(number % 256), 0]),
        .null)
    }
    for result in results { try result.get() }
    let rows = try await database.read { transaction in
      try transaction.all("SELECT id, a, b, c, d FROM test_values WHERE e = 7 AND f IS NULL") { row in
        (row.integer(0), row.integer(1), row.optionalReal(2), row.optionalText(3), row.isNull(4) ? nil : row.bytes(4))
      }
    }
    #expect(rows.count == 300)
    for row in rows {
      let isNull = row.0 % 4 == 0
      #expect(row.1 == (isNull ? .min : row.0))
      #expect(row.2 == (isNull ? nil : Double(row.0) / 8))
      #expect(row.3 == (isNull ? nil : texts[row.0 % texts.count]))
      #expect(row.4 == (isNull ? nil : [UInt8(row.0 % 256), 0]))
    }
    await database.close()
  }

  /// A column that is given numbers of two kinds cannot go as a list; one that refuses a value refuses it to its body alone.
  @Test func whatDoesNotGoAsListsGoesOneByOne() async throws {
    let database = try temporarySchema(writers: 1)
    try await database.migrate([Migration("test-1", "CREATE TABLE test_values (id TEXT PRIMARY KEY, b DOUBLE PRECISION, CHECK (b < 100))")])
    let results = try await together(database, 40) { number, transaction in
      try transaction.run(
        "INSERT INTO test_values (id, b) VALUES (?, ?)", .text("\(number)"),
        number == 17 ? .real(100.5) : number % 2 == 0 ? .integer(number) : .real(Double(number)))
    }
    #expect(results.count { if case .failure = $0 { true } else { false } } == 1)
    let sum = try await database.read { try $0.first("SELECT SUM(b) FROM test_values") { $0.real(0) } }
    #expect(sum == Double((0..<40).reduce(0, +) - 17))
    await database.close()
  }

  @Test func rowsThatAreDeletedTogetherAreThoseThatWereMeant() async throws {
    let database = try temporarySchema(writers: 1)
    try await database.migrate(Self.migrations)
    try await database.write { transaction in
      for number in 0..<60 { try transaction.run(Self.add, .text("\(number)"), .integer(number)) }
    }
    let results = try await together(database, 50) { number, transaction in
      // Every fifth means an amount that is not there.
      try transaction.run(
        "DELETE FROM test_accounts WHERE name = ? AND amount = ?", expecting: 1, .text("\(number)"), .integer(number % 5 == 0 ? -1 : number))
    }
    #expect(try results.map { try $0.get() } == (0..<50).map { $0 % 5 == 0 ? 0 : 1 })
    #expect(Set(try await accounts(database).values) == Set(stride(from: 0, to: 50, by: 5)).union(50..<60))
    await database.close()
  }

  /// Upserts of one key, and bodies that look in between, see each other in some order.
  @Test func bodiesOfOneGroupSeeEachOtherInSomeOrder() async throws {
    let database = try temporarySchema(writers: 1)
    try await database.migrate(Self.migrations)
    let results = try await together(database, 60) { number, transaction -> Int in
      try transaction.run(Self.raise, .text("shared"), .integer(1))
      try transaction.run(Self.raise, .text("own \(number)"), .integer(5))
      if number % 10 != 0 { return 0 }
      let sum = try transaction.first("SELECT amount FROM test_accounts WHERE name = 'shared'") { $0.integer(0) } ?? 0
      try transaction.run("UPDATE test_accounts SET amount = ? WHERE name = 'shared'", .integer(sum + 100))
      return sum
    }
    let seen = try results.map { try $0.get() }.filter { $0 > 0 }
    #expect(Set(seen).count == 6)
    let after = try await accounts(database)
    #expect(after["shared"] == 60 + 6 * 100)
    #expect(after.count == 61 && after.filter { $0.key != "shared" }.allSatisfy { $0.value == 5 })
    await database.close()
  }

  @Test func whatOneBreaksIsToldHimAndTheOthersAreKept() async throws {
    let database = try temporarySchema(writers: 1)
    try await database.migrate(Self.migrations)
    let results = try await together(database, 30) { number, transaction in
      try transaction.run("INSERT INTO test_accounts (name, amount) VALUES (?, 1)", .text("\(number / 10 * 10 == number ? 0 : number)"))
    }
    let violations = results.filter { if case .failure(let error) = $0 { error is ConstraintViolation } else { false } }
    #expect(violations.count == 2)
    #expect(try await accounts(database).count == 28)
    await database.close()
  }

  @Test func eventsOfAGroupAreCountedByAggregate() async throws {
    let database = try temporarySchema(writers: 1)
    try await database.migrate(Outbox.migrations(for: "kettle"))
    let time = TimeSource.scaled(by: 1, from: Instant(milliseconds: 1_767_607_200_000))
    let told = Notes<(Int, Envelope)>()
    let outbox = Outbox(service: "kettle", time: time, ids: IdentifierSource(time: time)) { told.add(($0, $1)) }
    _ = try await together(database, 90) { number, transaction in
      try outbox.publish(CupFilled(cup: "\(number % 7)", amount: number), in: transaction)
      if number % 9 == 0 { try outbox.publish(CupFilled(cup: "extra", amount: number), in: transaction) }
    }
    #expect(told.count == 100)
    let rows = try await database.read {
      try $0.all("SELECT position, aggregate, sequence FROM kettle_outbox ORDER BY position") { ($0.integer(0), $0.text(1), $0.integer(2)) }
    }
    for (aggregate, rows) in Dictionary(grouping: rows, by: \.1) { #expect(rows.map(\.2) == Array(1...rows.count), "\(aggregate)") }
    let announced = Dictionary(uniqueKeysWithValues: told.all.map { ($0.0, $0.1) })
    for row in rows {
      #expect(announced[row.0]?.aggregate == row.1)
      #expect(announced[row.0]?.sequence == row.2)
    }
    await database.close()
  }
}
