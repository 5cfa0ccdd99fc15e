import CSQLite
import Foundation
import GRDB
import GRDBSQLite
public import Persistence
import ServiceKit

/// The embedded database: one file, one writer that commits groups, and readers on snapshots, each on a thread of its own.
public final class SQLiteDatabase: Persistence.Database, Sendable {
  public let path: String
  public var engine: Engine { .sqlite }

  private let writes = WorkQueue<Work>(bound: 20_000)
  private let reads = WorkQueue<Work>(bound: 20_000)
  private let answers = WorkQueue<[Work]>(bound: 1000)
  private let checkpoints = WorkQueue<Bool>(bound: 1)
  private let readers: Threads
  private let writer: Threads

  /// Opens the file, making it and its folder when there is none.
  ///
  /// - Parameter readers: how many bodies may read at the same time.
  /// - Throws: `Unavailable` when the file cannot be opened; its reason names the file.
  public init(path: String, readers count: Int = 4) throws {
    self.path = path
    let folder = (path as NSString).deletingLastPathComponent
    let connections: [DatabaseQueue]
    Self.configure
    do {
      if !folder.isEmpty { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
      // The writer first: it makes the file that the others open.
      connections = try [Self.open(path, .writer), Self.open(path, .checkpointer)] + (0..<max(1, count)).map { _ in try Self.open(path, .reader) }
    } catch { throw Unavailable("the database \(path) cannot be opened: \(error)") }

    let wal = WriteAheadLog(requests: checkpoints)
    let (writes, reads, answers, checkpoints) = (writes, reads, answers, checkpoints)
    let answering = Threads(1)
    let copying = Threads(1)
    writer = Threads(1)
    readers = Threads(max(1, count))
    answering.start("tiffin-answers") {
      while let groups = answers.take(upTo: 64) { for group in groups { for work in group { work.answer() } } }
    }
    copying.start("tiffin-checkpoint") { Self.use(connections[1]) { wal.work($0) } }
    writer.start("tiffin-writer") {
      Self.use(connections[0]) { connection in
        Writer(connection, queue: writes, answers: answers, wal: wal).work()
        answers.close()
        checkpoints.close()
        copying.join()
        answering.join()
        wal.checkpoint(connection, SQLITE_CHECKPOINT_TRUNCATE)
        sqlite3_wal_hook(connection.handle, nil, nil)
      }
    }
    for queue in connections.dropFirst(2) {
      readers.start("tiffin-reader") { Self.use(queue, isReader: true) { Self.read($0, from: reads, among: max(1, count)) } }
    }
  }

  deinit {
    reads.close()
    writes.close()
  }

  public func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try await withUnsafeThrowingContinuation { continuation in
      let work = BodyWork(body, continuation)
      if !reads.push(work) { work.answer(failed: Unavailable("the database is closed, or has too much to read", retryAfterSeconds: 1)) }
    }
  }

  public func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try await withUnsafeThrowingContinuation { continuation in
      let work = BodyWork(body, continuation)
      if !writes.push(work) { work.answer(failed: Unavailable("the database is closed, or has too much to write", retryAfterSeconds: 1)) }
    }
  }

  /// Takes no more work, finishes what it has, and closes the file; later calls throw `Unavailable`.
  public func close() async {
    reads.close()
    await readers.ended()
    writes.close()
    await writer.ended()
  }

  // MARK: Connections

  /// Once, before the first file is opened: without its statistics of memory SQLite takes no lock at each allocation.
  private static let configure: Void = { _ = csqlite_keep_no_statistics() }()

  private enum Use { case writer, checkpointer, reader }

  private static func open(_ path: String, _ use: Use) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.label = "tiffin"
    configuration.busyMode = .timeout(5)
    configuration.foreignKeysEnabled = true
    configuration.readonly = use == .reader
    if use != .reader { configuration.journalMode = .wal }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.inDatabase { database in
      // After opening, because GRDB sets NORMAL when it turns the log on. FULL: a commit that was answered survives a power cut.
      try database.execute(sql: "PRAGMA synchronous = FULL")
      try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
      try database.execute(sql: "PRAGMA journal_size_limit = 67108864")
      try database.execute(sql: "PRAGMA cache_size = -\(use == .writer ? 32_768 : 8192)")
      try database.execute(sql: "PRAGMA temp_store = MEMORY")
      if use == .reader { try database.execute(sql: "PRAGMA mmap_size = 33554432") }
    }
    return queue
  }

  /// Stays inside the connection for the life of its thread: GRDB opens and owns it, and nobody pays for entering it again.
  private static func use(_ queue: DatabaseQueue, isReader: Bool = false, _ body: (Connection) -> Void) {
    queue.inDatabase { database in
      guard let handle = database.sqliteConnection else { return }
      let connection = Connection(handle, isReader: isReader)
      body(connection)
      connection.forgetStatements()
    }
    try? queue.close()
  }

  private static func read(_ connection: Connection, from queue: WorkQueue<Work>, among readers: Int) {
    let transaction = SQLiteTransaction(connection)
    // Bodies that wait together share a snapshot: it begins after each was asked for, so each sees every write answered before.
    while let group = queue.take(upTo: 8, among: readers) {
      do { try connection.execute("BEGIN") } catch {
        for work in group { work.answer(failed: error) }
        continue
      }
      for work in group {
        do {
          try work.perform(transaction)
          work.answer()
        } catch { work.answer(failed: error) }
      }
      do { try connection.execute("COMMIT") } catch { try? connection.execute("ROLLBACK") }
    }
  }
}
