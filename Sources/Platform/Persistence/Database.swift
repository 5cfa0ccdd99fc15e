/// Where a service keeps its rows: SQLite or PostgreSQL behind one face.
///
/// Bodies are synchronous and may run more than once (a lost race, a broken group): they touch nothing but the transaction.
public protocol Database: Sendable {
  var engine: Engine { get }

  /// Runs a body that only reads, on a snapshot that holds still meanwhile.
  func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value

  /// Runs a body that writes, all or nothing; answers once the change is on disk.
  ///
  /// - Throws: what the body throws, its changes undone; `Unavailable` when the engine cannot write now (disk full, gone).
  func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value

  /// Runs a body that only reads and may see what was true a moment ago: on a read replica, where there is one.
  func readStale<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value

  /// Runs a body that writes while no other process writes: for changes of the tables themselves.
  func writeAlone<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value

  /// The processes that share this database.
  var peers: any Peers { get }
}

extension Database {
  public func readStale<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try await read(body)
  }

  public func writeAlone<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try await write(body)
  }

  public var peers: any Peers { Alone() }
}

/// Which database a process runs on.
public enum Engine: Sendable, CaseIterable { case sqlite, postgres }

/// The inside of a read or write; never leaves its body.
public protocol Transaction: AnyObject {
  var engine: Engine { get }

  /// Runs a statement that brings no rows; answers how many rows it changed. Parameters are `?`.
  @discardableResult @_disfavoredOverload
  func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int

  /// Runs a statement of which nothing needs to be known.
  ///
  /// An engine that is asked over a wire may carry it out together with what follows: what it breaks is then thrown by a later
  /// statement or by the commit. A body that wants to go on after a broken constraint asks `run` for the count.
  func send(_ sql: String, _ arguments: [SQLValue]) throws

  /// Runs a statement that changes `count` rows unless something rare happened; answers how many it changed.
  ///
  /// An engine that is asked over a wire may answer so before it knows, and many such statements at once. Where one of them changed
  /// another number nothing of the transaction is kept, and the body runs again with true answers.
  func run(_ sql: String, _ arguments: [SQLValue], expecting count: Int) throws -> Int

  /// Has an item written before the commit, by one call of `write` for the items of all bodies that are committed together.
  ///
  /// - Parameters:
  ///   - name: what belongs together; the first one's `write` is called, with the items in their order.
  func together<Item>(_ name: String, _ item: Item, write: @escaping ([Item], any Transaction) throws -> Void) throws

  /// Inserts rows that are numbered within their key, and some time before the commit tells what became of each.
  ///
  /// - Parameter rows: the columns of each; the key is a text.
  func insert(_ rows: [[SQLValue]], _ numbering: Numbering, later each: @escaping (_ index: Int, _ number: Int, _ position: Int) -> Void) throws

  /// Runs a query, lending each row to `each` in turn.
  func rows(_ sql: String, _ arguments: [SQLValue], _ each: (any Row) throws -> Void) throws

  /// Runs `action` once the transaction is on disk; not when it is undone.
  func afterCommit(_ action: @escaping @Sendable () -> Void)
}

extension Transaction {
  /// Runs a statement with its arguments in a row.
  @discardableResult @_disfavoredOverload
  public func run(_ sql: String, _ arguments: SQLValue...) throws -> Int { try run(sql, arguments) }

  // A caller that takes no count gets these, and with them fewer waits for the wire.
  public func run(_ sql: String, _ arguments: SQLValue...) throws { try send(sql, arguments) }
  public func run(_ sql: String, _ arguments: [SQLValue]) throws { try send(sql, arguments) }

  public func send(_ sql: String, _ arguments: [SQLValue]) throws { _ = try run(sql, arguments) as Int }

  public func run(_ sql: String, _ arguments: [SQLValue], expecting count: Int) throws -> Int { try run(sql, arguments) }

  /// Runs a statement of which its count is as good as known, with its arguments in a row.
  public func run(_ sql: String, expecting count: Int, _ arguments: SQLValue...) throws -> Int { try run(sql, arguments, expecting: count) }

  public func together<Item>(_ name: String, _ item: Item, write: @escaping ([Item], any Transaction) throws -> Void) throws {
    try write([item], self)
  }

  /// Every row of a query, made into values.
  public func all<Value>(_ sql: String, _ arguments: SQLValue..., as make: (any Row) throws -> Value) throws -> [Value] {
    try all(sql, arguments, as: make)
  }

  public func all<Value>(_ sql: String, _ arguments: [SQLValue], as make: (any Row) throws -> Value) throws -> [Value] {
    var values: [Value] = []
    try rows(sql, arguments) { values.append(try make($0)) }
    return values
  }

  /// The first row of a query, made into a value.
  public func first<Value>(_ sql: String, _ arguments: SQLValue..., as make: (any Row) throws -> Value) throws -> Value? {
    var value: Value?
    try rows(sql, arguments) { row in if value == nil { value = try make(row) } }
    return value
  }

  /// `?, ?, ?` for a list of arguments.
  public func marks(_ count: Int) -> String { Array(repeating: "?", count: count).joined(separator: ", ") }
}
