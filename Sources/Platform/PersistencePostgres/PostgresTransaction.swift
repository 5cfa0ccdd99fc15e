import CLibPQ
import Persistence

/// The inside of a read or write on PostgreSQL; one a connection, lent to each body in turn.
final class PostgresTransaction: LentTransaction {
  let connection: PostgresConnection
  /// Whether nobody waits for the end of the transaction: then each statement's answer is waited for.
  private let isReader: Bool
  private var actions: [@Sendable () -> Void] = []
  /// What the server refused: from then on it takes no statement of this transaction.
  private(set) var failure: (any Error)?
  /// How many statements were sent that may have changed something.
  private(set) var changes = 0

  init(_ connection: PostgresConnection, isReader: Bool = false) {
    self.connection = connection
    self.isReader = isReader
  }

  var engine: Engine { .postgres }

  @discardableResult @_disfavoredOverload
  func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
    changes += 1
    return try asking { try connection.query(sql, arguments) }.changed
  }

  func send(_ sql: String, _ arguments: [SQLValue]) throws {
    if isReader {
      _ = try run(sql, arguments) as Int
      return
    }
    changes += 1
    if let failure { throw failure }
    try connection.send(sql, arguments)
  }

  func send(_ sql: String, _ arguments: [SQLValue], _ first: @escaping (any Row) -> Void) throws {
    changes += 1
    if let failure { throw failure }
    try connection.send(sql, arguments) { result in if result.rowCount > 0 { first(PostgresRow(result)) } }
  }

  func rows(_ sql: String, _ arguments: [SQLValue], _ each: (any Row) throws -> Void) throws {
    if !sql.utf8.starts(with: "SELECT".utf8) { changes += 1 }
    let result = try asking { try connection.query(sql, arguments) }
    let row = PostgresRow(result)
    for index in 0..<result.rowCount {
      row.index = index
      try each(row)
    }
  }

  func afterCommit(_ action: @escaping @Sendable () -> Void) { actions.append(action) }

  func takeActions() -> [@Sendable () -> Void] {
    defer { actions.removeAll(keepingCapacity: true) }
    return actions
  }

  private func asking(_ body: () throws -> PostgresResult) throws -> PostgresResult {
    if let failure { throw failure }
    do { return try body() } catch {
      failure = error
      throw error
    }
  }
}
