import CLibPQ
import Persistence

/// The inside of a read or write on PostgreSQL; one a connection, lent to each body in turn.
final class PostgresTransaction: LentTransaction {
  enum Manner {
    /// Nobody waits for the end of the transaction: each statement's answer is waited for.
    case reading
    /// Statements wait in an agenda until somebody asks; what a body expects is taken for granted until the end.
    case ahead
    /// Statements are sent at once, and what a body wants to know is waited for.
    case waiting
  }

  /// An item of a body that is to be written together with others of its name.
  private struct Entry {
    let name: String
    let item: Any
    let write: ([Any], any Transaction) throws -> Void
  }

  let connection: PostgresConnection
  let manner: Manner
  /// Begins the transaction, before its first statement is sent.
  private let open: () throws -> Void
  private var isOpen = false
  private var actions: [@Sendable () -> Void] = []
  /// What the server refused: from then on it takes no statement of this transaction.
  private(set) var failure: (any Error)?
  /// How many statements were sent that may have changed something.
  private(set) var changes = 0

  private var agenda = Agenda()
  private var entries: [Entry] = []
  /// What the body under way wants, as long as it has not asked anything.
  private var script: [Agenda.Statement] = []
  private var ownEntries: [Entry] = []
  private var isDirect = false
  /// Whether the body under way was told something that is not known yet.
  private(set) var hasAssumed = false
  /// Whether a body was told something that turned out otherwise.
  private(set) var isMistaken = false

  init(_ connection: PostgresConnection, _ manner: Manner, open: @escaping () throws -> Void) {
    self.connection = connection
    self.manner = manner
    self.open = open
    isDirect = manner != .ahead
  }

  var engine: Engine { .postgres }

  // MARK: A body's statements

  @discardableResult @_disfavoredOverload
  func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
    try settle()
    changes += 1
    return try asking { try connection.query(sql, arguments) }.changed
  }

  func run(_ sql: String, _ arguments: [SQLValue], expecting count: Int) throws -> Int {
    if manner != .ahead { return try run(sql, arguments) }
    hasAssumed = true
    try put(sql, arguments, expecting: count)
    return count
  }

  func send(_ sql: String, _ arguments: [SQLValue]) throws {
    if manner == .reading {
      _ = try run(sql, arguments) as Int
    } else {
      try put(sql, arguments, expecting: nil)
    }
  }

  func rows(_ sql: String, _ arguments: [SQLValue], _ each: (any Row) throws -> Void) throws {
    try settle()
    if !sql.utf8.starts(with: "SELECT".utf8) { changes += 1 }
    try asking { try connection.query(sql, arguments) }.forEach(each)
  }

  func insert(_ rows: [[SQLValue]], _ numbering: Numbering, later each: @escaping (_ index: Int, _ number: Int, _ position: Int) -> Void) throws {
    if rows.isEmpty { return }
    try settle()
    try begun()
    changes += 1
    let shape = connection.shape(of: numbering.joined)
    let lists = zip(rows, numbering.behind(rows)).enumerated().map { $1.0 + [.integer($1.1), .integer($0)] }
    let isSent = try connection.sendJoined(shape, lists) { $0.forEach { each(Int($0.index), $0.integer(1), $0.integer(0)) } }
    if !isSent { throw StatementFailed(code: 0, message: "a column holds values of several kinds", sql: shape.sql) }
    if manner != .ahead { try answered() }
  }

  func together<Item>(_ name: String, _ item: Item, write: @escaping ([Item], any Transaction) throws -> Void) throws {
    if manner != .ahead { return try write([item], self) }
    ownEntries.append(Entry(name: name, item: item) { items, transaction in try write(items.compactMap { $0 as? Item }, transaction) })
  }

  func afterCommit(_ action: @escaping @Sendable () -> Void) { actions.append(action) }

  func takeActions() -> [@Sendable () -> Void] {
    defer { actions.removeAll(keepingCapacity: true) }
    return actions
  }

  private func put(_ sql: String, _ arguments: [SQLValue], expecting count: Int?) throws {
    if let failure { throw failure }
    let shape = connection.shape(of: sql)
    try shape.check(arguments)
    let statement = Agenda.Statement(shape: shape, arguments: arguments, expected: count)
    if !isDirect { return script.append(statement) }
    changes += 1
    try begun()
    try send(statement)
  }

  // MARK: Between bodies

  /// Begins another body.
  func begin() {
    hasAssumed = false
    isDirect = manner != .ahead
  }

  /// Takes what the body wanted into the agenda.
  func end() {
    agenda.add(script)
    entries += ownEntries
    forget()
  }

  /// Lets go of what the body wanted and was not sent.
  func forget() {
    script.removeAll(keepingCapacity: true)
    ownEntries.removeAll(keepingCapacity: true)
  }

  /// Sends all that waits, that of the body under way too, which from now on is answered as it goes.
  func settle() throws {
    if let failure { throw failure }
    guard manner == .ahead, !agenda.isEmpty || !entries.isEmpty || !script.isEmpty || !ownEntries.isEmpty else {
      isDirect = true
      return
    }
    if !script.isEmpty || !ownEntries.isEmpty { changes += 1 }
    end()
    isDirect = true
    try begun()
    for batch in agenda.takeBatches() { try send(batch) }
    var kinds: [(write: ([Any], any Transaction) throws -> Void, items: [Any])] = []
    var places: [String: Int] = [:]
    for entry in entries {
      if let place = places[entry.name] {
        kinds[place].items.append(entry.item)
      } else {
        places[entry.name] = kinds.count
        kinds.append((entry.write, [entry.item]))
      }
    }
    entries.removeAll(keepingCapacity: true)
    for kind in kinds { try kind.write(kind.items, self) }
  }

  /// Waits for the answers to all that was sent.
  private func answered() throws {
    do {
      try connection.flush()
      try connection.read()
    } catch {
      failure = error
      throw error
    }
  }

  /// Begins the transaction on the server, if that has not happened.
  func begun() throws {
    if let failure { throw failure }
    if isOpen { return }
    isOpen = true
    do { try open() } catch {
      failure = error
      throw error
    }
  }

  private func send(_ statement: Agenda.Statement) throws {
    try connection.send(statement.shape, statement.arguments) { [self] in compare($0, with: statement.expected) }
  }

  private func send(_ batch: Agenda.Batch) throws {
    if batch.statements.count == 1 { return try send(batch.statements[0]) }
    let expected = batch.statements.reduce(into: 0 as Int?) { sum, each in
      if let count = each.expected { sum = sum.map { $0 + count } } else { sum = nil }
    }
    if try connection.sendJoined(batch.shape, batch.statements.map(\.arguments), then: { [self] in compare($0, with: expected) }) { return }
    for statement in batch.statements { try send(statement) }
  }

  private func compare(_ result: PostgresResult, with expected: Int?) {
    if let expected, result.changed != expected { isMistaken = true }
  }

  private func asking(_ body: () throws -> PostgresResult) throws -> PostgresResult {
    try begun()
    do { return try body() } catch {
      failure = error
      throw error
    }
  }
}
