import Kernel
import ServiceKit

/// Copies the rows of one database into another, table by table and page by page; killed, it goes on where it stood.
///
/// The target's progress is written in the transaction of each page. In the end both sides are counted and summed up, row by row:
/// a difference is thrown.
public struct DatabaseCopy: Sendable {
  /// What was copied of one table.
  public struct Copied: Sendable, Hashable {
    public let table: String
    public let rows: Int
    public let checksum: String
  }

  /// Why the copy was refused or does not hold.
  public struct Fault: Error, Hashable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
  }

  private let source: any Database
  private let target: any Database
  private let page: Int
  private let tell: @Sendable (String) -> Void

  /// - Parameters:
  ///   - page: how many rows are written in one transaction.
  ///   - tell: is told of each table when it is through.
  public init(from source: any Database, to target: any Database, page: Int = 500, tell: @escaping @Sendable (String) -> Void = { _ in }) {
    self.source = source
    self.target = target
    self.page = page
    self.tell = tell
  }

  /// Copies and verifies.
  ///
  /// - Parameter migrations: the tables of the target, made when they are not there.
  /// - Throws: `Fault` when the target holds rows that this copy did not bring, when the source lacks migrations, or when both differ.
  public func run(_ migrations: [Migration]) async throws -> [Copied] {
    let known = Set(migrations.map(\.name))
    let seen = try await source.read { try $0.all("SELECT name FROM tiffin_migrations") { $0.text(0) } }
    guard known == Set(seen) else {
      throw Fault("the source is of another version of tiffin; start and stop this one on it once, so that its tables are brought up to date")
    }
    try await target.migrate(migrations)
    let tables = try await source.read { try $0.tables() }
    try await begin(tables)
    for table in tables { try await copy(table) }
    try await setSerials(tables)
    let copied = try await verify(tables)
    try await target.write { try $0.run("DELETE FROM tiffin_copy") }
    return copied
  }

  /// Takes the target for this copy, or finds that it was taken for it before.
  private func begin(_ tables: [Table]) async throws {
    let isResumed = try await target.writeAlone { transaction in
      try transaction.run("CREATE TABLE IF NOT EXISTS tiffin_copy (name TEXT PRIMARY KEY, place TEXT NOT NULL, is_over BIGINT NOT NULL)")
      if try transaction.first("SELECT 1 FROM tiffin_copy LIMIT 1", as: { _ in true }) ?? false { return true }
      for table in tables where try transaction.first("SELECT 1 FROM \(table.name) LIMIT 1", as: { _ in true }) ?? false {
        throw Fault("the target is not empty: \(table.name) holds rows; name an empty database or schema")
      }
      try transaction.run("INSERT INTO tiffin_copy VALUES ('', '', 0)")
      return false
    }
    if isResumed { tell("goes on with a copy that was begun before") }
  }

  // MARK: One table

  private func copy(_ table: Table) async throws {
    var place = try await target.read { transaction in
      try transaction.first("SELECT place, is_over FROM tiffin_copy WHERE name = ?", .text(table.name)) {
        (key: Self.key(from: $0.text(0)), isOver: $0.boolean(1))
      }
    }
    while place?.isOver != true {
      let after = place?.key
      let rows = try await source.read { try Self.rows(of: table, after: after, limit: page, in: $0) }
      let isOver = rows.count < page
      let last = rows.last.map { row in table.key.map { name in row[table.columns.firstIndex { $0.name == name } ?? 0] } } ?? after ?? []
      let columns = table.columns.filter { $0.name != "writer" }
      try await target.write { transaction in
        let marks = "(\(transaction.marks(columns.count)))"
        // Few enough for the bound of parameters of both engines.
        let most = max(1, 900 / max(1, columns.count))
        for start in stride(from: 0, to: rows.count, by: most) {
          let part = rows[start..<min(start + most, rows.count)]
          try transaction.run(
            """
            INSERT INTO \(table.name) (\(columns.map(\.name).joined(separator: ", "))) VALUES \(part.map { _ in marks }.joined(separator: ", "))
            """, part.flatMap { row in zip(table.columns, row).filter { $0.0.name != "writer" }.map(\.1) })
        }
        try transaction.run(
          """
          INSERT INTO tiffin_copy VALUES (?, ?, ?)
          ON CONFLICT (name) DO UPDATE SET place = excluded.place, is_over = excluded.is_over
          """, .text(table.name), .text(Self.text(of: last)), .boolean(isOver))
      }
      place = (last, isOver)
    }
  }

  /// The rows behind a key, in the order of the key.
  private static func rows(of table: Table, after key: [SQLValue]?, limit: Int, in transaction: any Transaction) throws -> [[SQLValue]] {
    guard !table.key.isEmpty else { throw Fault("\(table.name) has no primary key") }
    let names = table.columns.map(\.name).joined(separator: ", ")
    let keys = table.key.joined(separator: ", ")
    let condition = key.map { $0.isEmpty ? "" : "WHERE (\(keys)) > (\(transaction.marks($0.count)))" } ?? ""
    return try transaction.all("SELECT \(names) FROM \(table.name) \(condition) ORDER BY \(keys) LIMIT ?", (key ?? []) + [.integer(limit)]) { row in
      table.columns.enumerated().map { index, column in
        if row.isNull(index) { return .null }
        switch column.kind {
        case .integer: return .integer(row.integer(index))
        case .real: return .real(row.real(index))
        case .text: return .text(row.text(index))
        case .bytes: return .bytes(row.bytes(index))
        }
      }
    }
  }

  /// A key as one text: each value with its kind and length before it.
  private static func text(of key: [SQLValue]) -> String {
    key.map { value in
      switch value {
      case .integer(let number): "i\(String(number).utf8.count):\(number)"
      case .text(let text): "t\(text.utf8.count):\(text)"
      default: "t0:"
      }
    }.joined()
  }

  private static func key(from text: String) -> [SQLValue] {
    var key: [SQLValue] = []
    var rest = Array(text.utf8)[...]
    while let kind = rest.popFirst() {
      var count = 0
      while let digit = rest.popFirst(), digit != 0x3A { count = count * 10 + Int(digit) - 0x30 }
      let value = String(decoding: rest.prefix(count), as: UTF8.self)
      rest = rest.dropFirst(count)
      key.append(kind == 0x69 ? .integer(Int(value) ?? 0) : .text(value))
    }
    return key
  }

  /// Has tables that count by themselves go on behind what they hold, and behind what the source ever gave out.
  private func setSerials(_ tables: [Table]) async throws {
    for table in tables {
      guard let column = table.columns.first(where: \.isSerial) else { continue }
      let last = try await source.read { transaction in
        switch transaction.engine {
        case .sqlite: try transaction.first("SELECT seq FROM sqlite_sequence WHERE name = ?", .text(table.name)) { $0.integer(0) }
        case .postgres: try transaction.first("SELECT MAX(\(column.name)) FROM \(table.name)") { $0.integer(0) }
        }
      }
      guard let last, last > 0, target.engine == .postgres else { continue }
      try await target.write {
        try $0.run("SELECT setval(pg_get_serial_sequence(?, ?), ?)", .text(table.name), .text(column.name), .integer(last))
      }
    }
  }

  // MARK: Verifying

  private func verify(_ tables: [Table]) async throws -> [Copied] {
    var copied: [Copied] = []
    for table in tables {
      let (was, became) = (try await sum(table, in: source), try await sum(table, in: target))
      guard was == became else {
        throw Fault(
          "\(table.name) differs: \(was.rows) rows (\(was.checksum)) became \(became.rows) (\(became.checksum)); empty the target and begin again")
      }
      tell("\(was.table): \(was.rows) rows, checksum \(was.checksum)")
      copied.append(was)
    }
    return copied
  }

  /// Counts the rows and sums up their values in the order of the key, as they are read out of the database.
  private func sum(_ table: Table, in database: any Database) async throws -> Copied {
    var hash = StableHash()
    var count = 0
    var key: [SQLValue]?
    while true {
      let after = key
      let rows = try await database.read { try Self.rows(of: table, after: after, limit: 2000, in: $0) }
      for row in rows {
        for (column, value) in zip(table.columns, row) where column.name != "writer" { Self.add(value, to: &hash) }
        count += 1
      }
      guard rows.count == 2000, let last = rows.last else { break }
      key = table.key.map { name in last[table.columns.firstIndex { $0.name == name } ?? 0] }
    }
    return Copied(table: table.name, rows: count, checksum: String(hash.value, radix: 16))
  }

  private static func add(_ value: SQLValue, to hash: inout StableHash) {
    switch value {
    case .null: hash.combine([0])
    case .integer(let number): hash.combine([1] + String(number).utf8)
    case .real(let number): hash.combine([2] + String(number).utf8)
    case .text(let text): hash.combine([3] + text.utf8)
    case .bytes(let bytes): hash.combine([4] + bytes)
    case .uuid(let high, let low): SQLValue.withCharacters(high, low) { hash.combine([3] + $0) }
    }
    hash.combine([0xFF])
  }
}
