import GRDBSQLite
import Persistence
import ServiceKit

/// One connection of SQLite with its prepared statements; used by one thread only.
final class Connection {
  let handle: OpaquePointer
  let isReader: Bool
  private var statements: [String: Statement] = [:]
  private let most = 600
  /// The texts and bytes of the statement being run, which SQLite reads where they are.
  private var arena: UnsafeMutableRawBufferPointer
  private var lentCount = 0

  init(_ handle: OpaquePointer, isReader: Bool) {
    self.handle = handle
    self.isReader = isReader
    arena = .allocate(byteCount: 16 << 10, alignment: 1)
  }

  deinit { arena.deallocate() }

  /// A prepared statement; `isLent` while a body walks its rows.
  final class Statement {
    let pointer: OpaquePointer
    var isLent = false
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { sqlite3_finalize(pointer) }
  }

  /// Whether no transaction is open, also because SQLite undid it by itself.
  var isAutocommit: Bool { sqlite3_get_autocommit(handle) != 0 }

  func statement(_ sql: String) throws -> Statement {
    if let known = statements[sql], !known.isLent { return known }
    let statement = try prepare(sql)
    // Statements of ever-changing text (a varying count of marks) would pile up: start over rather than keep an order of use.
    if statements.count >= most { statements = statements.filter { $0.value.isLent } }
    if statements[sql] == nil { statements[sql] = statement }
    return statement
  }

  /// Forgets all prepared statements; needed before the connection closes.
  func forgetStatements() { statements = [:] }

  /// Runs a statement without parameters.
  func execute(_ sql: String) throws {
    let statement = try statement(sql)
    defer { sqlite3_reset(statement.pointer) }
    var code = sqlite3_step(statement.pointer)
    while code == SQLITE_ROW { code = sqlite3_step(statement.pointer) }
    guard code == SQLITE_DONE else { throw failure(sql) }
  }

  /// The number that a pragma answers.
  func number(_ sql: String) throws -> Int {
    let statement = try statement(sql)
    defer { sqlite3_reset(statement.pointer) }
    guard sqlite3_step(statement.pointer) == SQLITE_ROW else { throw failure(sql) }
    return Int(sqlite3_column_int64(statement.pointer, 0))
  }

  func bind(_ arguments: [SQLValue], to statement: Statement, _ sql: String) throws {
    let pointer = statement.pointer
    guard arguments.count == Int(sqlite3_bind_parameter_count(pointer)) else {
      throw StatementFailed(
        code: Int(SQLITE_RANGE), message: "\(arguments.count) arguments for \(sqlite3_bind_parameter_count(pointer)) marks", sql: sql)
    }
    // The arena holds them until the next statement: only one within the walk of another's rows has to be copied by SQLite.
    let isAlone = lentCount == 0
    if isAlone { makeRoom(for: arguments) }
    var place = 0
    func keep(_ source: UnsafeRawBufferPointer) -> (start: UnsafeRawPointer?, destructor: sqlite3_destructor_type?) {
      guard isAlone, let start = source.baseAddress else { return (source.baseAddress, unsafeBitCast(-1, to: sqlite3_destructor_type.self)) }
      let target = UnsafeMutableRawPointer(arena.baseAddress! + place)
      target.copyMemory(from: start, byteCount: source.count)
      place += source.count
      return (UnsafeRawPointer(target), nil)
    }
    func bind(_ text: UnsafeBufferPointer<UInt8>, at position: Int32) -> Int32 {
      let kept = keep(UnsafeRawBufferPointer(text))
      let start = kept.start?.assumingMemoryBound(to: CChar.self) ?? Self.nothing
      return sqlite3_bind_text(pointer, position, start, Int32(text.count), kept.destructor)
    }
    for (index, argument) in arguments.enumerated() {
      let position = Int32(index + 1)
      let code: Int32
      switch argument {
      case .null: code = sqlite3_bind_null(pointer, position)
      case .integer(let value): code = sqlite3_bind_int64(pointer, position, Int64(value))
      case .real(let value): code = sqlite3_bind_double(pointer, position, value)
      case .text(var value): code = value.withUTF8 { bind($0, at: position) }
      case .uuid(let high, let low): code = SQLValue.withCharacters(high, low) { bind($0, at: position) }
      case .bytes(let value):
        code = value.withUnsafeBytes { bytes in
          if bytes.isEmpty { return sqlite3_bind_zeroblob(pointer, position, 0) }
          let kept = keep(bytes)
          return sqlite3_bind_blob(pointer, position, kept.start, Int32(bytes.count), kept.destructor)
        }
      }
      guard code == SQLITE_OK else { throw failure(sql) }
    }
  }

  private func makeRoom(for arguments: [SQLValue]) {
    var size = 0
    for argument in arguments {
      switch argument {
      case .text(let value): size += value.utf8.count
      case .bytes(let value): size += value.count
      case .uuid: size += 36
      case .null, .integer, .real: break
      }
    }
    if size <= arena.count { return }
    arena.deallocate()
    arena = .allocate(byteCount: 2 * size, alignment: 1)
  }

  /// Says that a body walks the rows of a statement, until `giveBack`.
  func lend(_ statement: Statement) {
    statement.isLent = true
    lentCount += 1
  }

  func giveBack(_ statement: Statement) {
    sqlite3_reset(statement.pointer)
    statement.isLent = false
    lentCount -= 1
  }

  /// An empty text: SQLite takes a null pointer for NULL.
  nonisolated(unsafe) private static let nothing: UnsafePointer<CChar> = {
    let byte = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    byte.pointee = 0
    return UnsafePointer(byte)
  }()

  /// What the last failure of the connection means.
  func failure(_ sql: String) -> any Error {
    let code = sqlite3_extended_errcode(handle)
    let message = String(cString: sqlite3_errmsg(handle))
    switch code & 0xFF {
    case SQLITE_CONSTRAINT:
      let kind: ConstraintViolation.Kind =
        switch code >> 8 {
        // The numbers of SQLITE_CONSTRAINT_UNIQUE and its kin, which are macros that Swift does not see.
        case 6, 8, 10: .unique
        case 3: .foreignKey
        case 5: .notNull
        case 1: .check
        default: .other
        }
      return ConstraintViolation(kind, detail: message)
    case SQLITE_READONLY where isReader: return StatementFailed(code: Int(code), message: "a read that writes", sql: sql)
    case SQLITE_FULL, SQLITE_IOERR, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_PROTOCOL:
      return Unavailable("the database cannot do it now: \(message) (\(code))")
    default: return StatementFailed(code: Int(code), message: message, sql: sql)
    }
  }

  private func prepare(_ sql: String) throws -> Statement {
    var sql = sql
    var pointer: OpaquePointer?
    var hasTail = false
    let code = sql.withUTF8 { text in
      text.withMemoryRebound(to: CChar.self) { text -> Int32 in
        var tail: UnsafePointer<CChar>?
        let code = sqlite3_prepare_v3(handle, text.baseAddress, Int32(text.count), UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, &tail)
        if let tail, let start = text.baseAddress {
          hasTail = text[(tail - start)...].contains { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 && $0 != 0x3B }
        }
        return code
      }
    }
    guard code == SQLITE_OK, let pointer else { throw failure(sql) }
    let statement = Statement(pointer)
    if hasTail { throw StatementFailed(code: Int(SQLITE_ERROR), message: "more than one statement", sql: sql) }
    return statement
  }
}
