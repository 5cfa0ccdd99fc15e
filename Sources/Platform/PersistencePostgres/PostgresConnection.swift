import CLibPQ
import Foundation
import Kernel
import Persistence
import ServiceKit

/// One connection to a server, in pipeline mode, with its prepared statements; used by one thread only.
///
/// Statements are sent at once and answered later: a wait for the wire happens only where an answer is needed.
final class PostgresConnection {
  /// How many prepared statements are kept: reads with ever-changing counts of marks would pile up.
  private static let most = 500

  /// Something sent whose answer was not read yet.
  private enum Sent {
    case preparation(Shape, Shape.Variant)
    case statement(String, (PostgresResult) -> Void)
    /// Forgetting all prepared statements.
    case deallocation
    case sync
  }

  let handle: OpaquePointer
  private let isReader: Bool
  /// How long an answer may take before the connection is given up: the server's own limit, and some.
  private let patience: Duration
  private var shapes: [String: Shape] = [:]
  private var prepared = 0
  private var count = 0
  private var sent: [Sent] = []
  private(set) var isBroken = false

  /// Connects, and has the session behave: its schema, its limits.
  ///
  /// - Throws: `Unavailable` with what the server or the network says.
  init(_ url: String, settings: PostgresSettings, use: Use) throws {
    isReader = use != .writer
    patience = settings.statement + .seconds(5)
    // What the URL says wins over what stands before it.
    let keywords = [
      "connect_timeout", "application_name", "client_encoding", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
      "dbname"
    ]
    let values = ["3", "tiffin", "UTF8", "5", "2", "3", "10000", url]
    let connection = withTexts(keywords) { keywords in withTexts(values) { PQconnectdbParams(keywords, $0, 1) } }
    guard let connection else { throw Unavailable("no memory for a connection") }
    handle = connection
    guard PQstatus(handle) == CONNECTION_OK else {
      let reason = Self.message(handle)
      close()
      throw Unavailable("the database does not answer: \(reason)", retryAfterSeconds: 2)
    }
    do {
      try simply(
        """
        SET statement_timeout = \(Int(settings.statement.milliseconds)); SET idle_in_transaction_session_timeout = 30000;
        SET search_path TO \(Self.quoted(settings.schema)); SET bytea_output = hex; SET extra_float_digits = 1;
        SET client_min_messages = warning; SET jit = off
        """)
      if use == .writer {
        // A whole table read makes a predicate lock on the whole table, and with it conflicts between all that write there.
        // Statements go by their keys, whatever the arguments: one plan for all.
        try simply(
          """
          SET default_transaction_isolation = serializable; SET enable_seqscan = off; SET lock_timeout = 500;
          SET plan_cache_mode = force_generic_plan
          """)
        try makeReady(settings.schema)
      }
      if use != .listener, PQenterPipelineMode(handle) != 1 { throw Unavailable(Self.message(handle)) }
    } catch {
      close()
      throw error
    }
  }

  deinit { close() }

  private var isClosed = false

  enum Use { case reader, writer, listener }

  static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }

  private static func message(_ handle: OpaquePointer) -> String {
    String(cString: PQerrorMessage(handle)).split(separator: "\n").joined(separator: " ")
  }

  /// Makes the schema, and the table whose lock says who may write beside whom, when they are not there.
  private func makeReady(_ schema: String) throws {
    let name = Self.quoted(schema)
    if try simply("SELECT 1 WHERE to_regclass('\(name.replacing("'", with: "''")).tiffin_writers') IS NOT NULL").rowCount == 1 { return }
    // One process after the other: CREATE IF NOT EXISTS fails when two do it at the same moment.
    try simply("SELECT pg_advisory_lock(\(key(of: "tables of \(schema)")))")
    if try simply("SELECT 1 FROM pg_namespace WHERE nspname = '\(schema.replacing("'", with: "''"))'").rowCount == 0 {
      try simply("CREATE SCHEMA \(name)")
    }
    try simply("CREATE TABLE IF NOT EXISTS \(name).tiffin_writers ()")
    try simply("SELECT pg_advisory_unlock(\(key(of: "tables of \(schema)")))")
  }

  /// Runs statements without parameters outside of the pipeline.
  @discardableResult
  func simply(_ sql: String) throws -> PostgresResult {
    guard let pointer = PQexec(handle, sql) else { throw broken() }
    let result = PostgresResult(pointer)
    try check(result, sql)
    return result
  }

  // MARK: Sending

  /// Sends a statement; its answer is read, and its failure thrown, by the next `sync`.
  ///
  /// - Parameter then: takes the answer when it is read, unless it is a failure.
  func send(_ sql: String, _ arguments: [SQLValue] = [], then: @escaping (PostgresResult) -> Void = { _ in }) throws {
    let shape = shape(of: sql)
    try shape.check(arguments)
    try send(shape, arguments, then: then)
  }

  /// Sends a statement of a shape.
  func send(_ shape: Shape, _ arguments: [SQLValue], then: @escaping (PostgresResult) -> Void) throws {
    try send(shape, .one, then) { name in
      withArguments(arguments) { PQsendQueryPrepared(handle, name, Int32(arguments.count), $0, $1, $2, 0) }
    }
  }

  /// Sends many statements of a shape as one, which brings one answer; false where their arguments cannot be brought together.
  ///
  /// - Parameter arguments: those of each.
  func sendJoined(_ shape: Shape, _ arguments: [[SQLValue]], then: @escaping (PostgresResult) -> Void) throws -> Bool {
    guard let types = ListType.of(arguments, lists: shape.rowMarks) else { return false }
    try send(shape, .many(types), then) { name in
      withLists(arguments, types) { PQsendQueryPrepared(handle, name, Int32(types.count), $0, $1, $2, 0) }
    }
    return true
  }

  private func send(
    _ shape: Shape, _ variant: Shape.Variant, _ then: @escaping (PostgresResult) -> Void, _ execute: (_ name: String) -> Int32
  ) throws {
    if isBroken { throw ServerFailure.disconnected("the connection is closed") }
    guard execute(try name(of: shape, variant)) == 1 else { throw broken() }
    sent.append(.statement(shape.sql, then))
  }

  /// Closes what was sent so far and hands it to the network, without waiting for the answers.
  func flush() throws {
    guard !isBroken, PQpipelineSync(handle) == 1 else { throw broken() }
    sent.append(.sync)
  }

  /// Sends a statement and waits for its answer, and all that are due before it.
  func query(_ sql: String, _ arguments: [SQLValue] = []) throws -> PostgresResult {
    try send(sql, arguments)
    try flush()
    guard let result = try read() else { throw broken() }
    return result
  }

  /// Reads the answers to all that was sent and flushed.
  ///
  /// - Returns: the answer of the last statement.
  /// - Throws: the first failure.
  @discardableResult
  func read() throws -> PostgresResult? {
    var last: PostgresResult?
    var failure: (any Error)?
    let due = sent
    sent.removeAll(keepingCapacity: true)
    for each in due {
      let pointer = try next()
      let result = PostgresResult(pointer)
      if case .sync = each {
        guard PQresultStatus(pointer) == PGRES_PIPELINE_SYNC else { throw broken() }
        continue
      }
      // Behind the answer of a statement stands an end; behind that of a sync none.
      while let more = try nextOrEnd() { PQclear(more) }
      switch (PQresultStatus(pointer), each) {
      case (PGRES_PIPELINE_ABORTED, .preparation(let shape, let variant)): shape.names[variant] = nil
      case (PGRES_PIPELINE_ABORTED, _): break
      case (_, .statement(let sql, let then)):
        last = result
        do {
          try check(result, sql)
          then(result)
        } catch { failure = failure ?? error }
      case (_, .preparation(let shape, let variant)):
        do { try check(result, shape.sql) } catch {
          shape.names[variant] = nil
          failure = failure ?? error
        }
      case (_, .deallocation): do { try check(result, "DEALLOCATE ALL") } catch { failure = failure ?? error }
      case (_, .sync): break
      }
    }
    if let failure {
      if case ServerFailure.disconnected = failure { close() }
      throw failure
    }
    return last
  }

  var isIdle: Bool { sent.isEmpty }
  /// What tells of answers that came.
  var descriptor: Int32 { PQsocket(handle) }

  func close() {
    if isClosed { return }
    isBroken = true
    isClosed = true
    PQfinish(handle)
  }

  // MARK: Answers

  private func next() throws -> OpaquePointer {
    // The end of a statement's answers may stand before the next one.
    for _ in 0..<2 { if let pointer = try nextOrEnd() { return pointer } }
    throw broken()
  }

  private func nextOrEnd() throws -> OpaquePointer? {
    if PQisBusy(handle) != 0 { try wait() }
    let pointer = PQgetResult(handle)
    if let pointer, PQstatus(handle) == CONNECTION_BAD {
      let message = String(cString: PQresultErrorMessage(pointer))
      PQclear(pointer)
      throw broken(message)
    }
    if pointer == nil, PQstatus(handle) == CONNECTION_BAD { throw broken() }
    return pointer
  }

  /// Waits until an answer is whole; a server that vanished without a word is given up.
  private func wait() throws {
    var isFlushed = false
    let end = ContinuousClock.now + patience
    while PQisBusy(handle) != 0 {
      if !isFlushed {
        isFlushed = true
        if PQflush(handle) < 0 { throw broken() }
      }
      var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
      let left = Int((end - ContinuousClock.now).milliseconds)
      if left <= 0 { throw broken("no answer within \(patience)") }
      _ = poll(&descriptor, 1, Int32(min(left, 60_000)))
      if descriptor.revents != 0, PQconsumeInput(handle) != 1 { throw broken() }
    }
  }

  private func check(_ result: PostgresResult, _ sql: String) throws {
    switch PQresultStatus(result.pointer) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK: return
    default:
      let state = PQresultErrorField(result.pointer, 67).map { String(cString: $0) } ?? "08006"
      let primary = PQresultErrorField(result.pointer, 77).map { String(cString: $0) }
      throw ServerFailure.error(
        state: state, message: primary ?? String(cString: PQresultErrorMessage(result.pointer)), sql: sql, isReader: isReader)
    }
  }

  private func broken(_ reason: String? = nil) -> any Error {
    let message = reason ?? (isClosed ? "the connection is closed" : Self.message(handle))
    close()
    return ServerFailure.disconnected(message.split(separator: "\n").joined(separator: " "))
  }

  // MARK: Statements

  func shape(of sql: String) -> Shape {
    if let known = shapes[sql] { return known }
    let shape = Shape(sql)
    shapes[sql] = shape
    return shape
  }

  /// Under which name a variant of the shape is prepared; it is prepared when it is not.
  private func name(of shape: Shape, _ variant: Shape.Variant) throws -> String {
    if let name = shape.names[variant] { return name }
    if prepared >= Self.most {
      guard PQsendQueryParams(handle, "DEALLOCATE ALL", 0, nil, nil, nil, nil, 0) == 1 else { throw broken() }
      sent.append(.deallocation)
      // Some of them may still wait to be sent, and are prepared anew then.
      for shape in shapes.values { shape.names.removeAll() }
      shapes.removeAll(keepingCapacity: true)
      shapes[shape.sql] = shape
      prepared = 0
    }
    count += 1
    prepared += 1
    let name = "t\(count)"
    var lists: [UInt32] = []
    if case .many(let types) = variant { lists = types.map(\.list) }
    guard PQsendPrepare(handle, name, shape.text(variant), Int32(lists.count), lists) == 1 else { throw broken() }
    sent.append(.preparation(shape, variant))
    shape.names[variant] = name
    return name
  }
}

/// The number of an advisory lock for a name: the same name has the same number in every process.
func key(of name: String) -> Int { Int(bitPattern: UInt(StableHash.of(name))) }
