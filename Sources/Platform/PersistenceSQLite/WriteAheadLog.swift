import GRDBSQLite
import Persistence
import Synchronization

/// Keeps the write-ahead log short with little waiting by the writer.
///
/// A page that every commit changes is in the log many times and copied back once, so the log is let grow. Then a thread of its own
/// copies it back (`PASSIVE`: it blocks nobody), and the writer, between two groups, the little that was added meanwhile: only a
/// log that is copied whole starts over.
final class WriteAheadLog: Sendable {
  /// Pages after which the log is copied back: 24 MB.
  static let usual = 6000

  /// Whose turn it is.
  private enum Turn: Int, AtomicRepresentable { case nobody, copier, writer }

  private let pages = Atomic(0)
  /// How long the log was when the writer last copied the rest in vain, since a reader was in it.
  private let triedAt = Atomic(0)
  private let turn = Atomic(Turn.nobody)
  private let requests: WorkQueue<Bool>

  init(requests: WorkQueue<Bool>) { self.requests = requests }

  /// Counts the log's pages at each commit of the writer, in place of SQLite's own checkpoint inside of commits.
  func watch(_ connection: Connection) {
    sqlite3_wal_hook(
      connection.handle,
      { context, _, _, pages in
        Unmanaged<WriteAheadLog>.fromOpaque(context!).takeUnretainedValue().pages.store(Int(pages), ordering: .relaxed)
        return SQLITE_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  func writerIsFree(_ connection: Connection) {
    let count = pages.load(ordering: .relaxed)
    switch turn.load(ordering: .acquiring) {
    case .copier: break
    case .writer:
      checkpoint(connection, SQLITE_CHECKPOINT_PASSIVE)
      triedAt.store(count, ordering: .relaxed)
      turn.store(.nobody, ordering: .relaxed)
    case .nobody:
      if count < triedAt.load(ordering: .relaxed) { triedAt.store(0, ordering: .relaxed) }  // It started over.
      guard count >= triedAt.load(ordering: .relaxed) + Self.usual else { return }
      turn.store(.copier, ordering: .relaxed)
      if !requests.push(true) { turn.store(.nobody, ordering: .relaxed) }
    }
  }

  /// Copies back on request until the queue is closed.
  func work(_ connection: Connection) {
    while requests.take(upTo: 1) != nil {
      checkpoint(connection, SQLITE_CHECKPOINT_PASSIVE)
      turn.store(.writer, ordering: .releasing)
    }
  }

  func checkpoint(_ connection: Connection, _ mode: Int32) { sqlite3_wal_checkpoint_v2(connection.handle, nil, mode, nil, nil) }
}
