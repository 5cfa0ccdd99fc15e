import GRDBSQLite
import Persistence

/// The inside of a read or write on SQLite; one a connection, lent to each body in turn.
final class SQLiteTransaction: LentTransaction {
  private let connection: Connection
  private let row = SQLiteRow()
  private var actions: [@Sendable () -> Void] = []
  /// Whether a statement that may write was run since `takeActions`, which every body begins and ends with.
  private(set) var hasWritten = false

  init(_ connection: Connection) { self.connection = connection }

  var engine: Engine { .sqlite }

  @discardableResult @_disfavoredOverload
  func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
    let statement = try connection.statement(sql)
    defer { sqlite3_reset(statement.pointer) }
    try connection.bind(arguments, to: statement, sql)
    hasWritten = true
    var code = sqlite3_step(statement.pointer)
    while code == SQLITE_ROW { code = sqlite3_step(statement.pointer) }
    guard code == SQLITE_DONE else { throw connection.failure(sql) }
    return Int(sqlite3_changes(connection.handle))
  }

  func rows(_ sql: String, _ arguments: [SQLValue], _ each: (any Row) throws -> Void) throws {
    let statement = try connection.statement(sql)
    try connection.bind(arguments, to: statement, sql)
    connection.lend(statement)
    defer { connection.giveBack(statement) }
    if sqlite3_stmt_readonly(statement.pointer) == 0 { hasWritten = true }
    // A query inside the walk of another needs a row of its own.
    let row = row.pointer == nil ? row : SQLiteRow()
    row.pointer = statement.pointer
    defer { row.pointer = nil }
    var code = sqlite3_step(statement.pointer)
    while code == SQLITE_ROW {
      try each(row)
      code = sqlite3_step(statement.pointer)
    }
    guard code == SQLITE_DONE else { throw connection.failure(sql) }
  }

  func afterCommit(_ action: @escaping @Sendable () -> Void) { actions.append(action) }

  /// What the bodies so far wanted done after the commit.
  func takeActions() -> [@Sendable () -> Void] {
    defer {
      actions.removeAll(keepingCapacity: true)
      hasWritten = false
    }
    return actions
  }
}

final class SQLiteRow: Row {
  var pointer: OpaquePointer?

  func isNull(_ column: Int) -> Bool { sqlite3_column_type(pointer, Int32(column)) == SQLITE_NULL }
  func integer(_ column: Int) -> Int { Int(sqlite3_column_int64(pointer, Int32(column))) }
  func real(_ column: Int) -> Double { sqlite3_column_double(pointer, Int32(column)) }

  func text(_ column: Int) -> String {
    guard let start = sqlite3_column_text(pointer, Int32(column)) else { return "" }
    return String(decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, Int32(column)))), as: UTF8.self)
  }

  func bytes(_ column: Int) -> [UInt8] {
    guard let start = sqlite3_column_blob(pointer, Int32(column)) else { return [] }
    return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, Int32(column)))))
  }
}
