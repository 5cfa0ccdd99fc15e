import GRDBSQLite
import Persistence
import Synchronization

/// Keeps the write-ahead log short without the writer waiting for it.
///
/// A thread of its own copies pages back (`PASSIVE`: it blocks nobody) whenever the log has grown by some. Under writes that never
/// pause it may not catch up; the writer itself then does the little that is left between two groups, so that the log starts over.
final class WriteAheadLog: Sendable {
  /// Pages after which the log is copied back: 16 MB. Most of them are there many times and copied once.
  static let usual = 4000
  /// Pages after which the writer helps: 64 MB.
  static let bound = 16_000

  private let pages = Atomic(0)
  private let helpedAt = Atomic(0)
  private let isBusy = Atomic(false)
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
    guard count >= Self.usual else { return helpedAt.store(0, ordering: .relaxed) }
    if count >= Self.bound, count >= helpedAt.load(ordering: .relaxed) + Self.usual {
      helpedAt.store(count, ordering: .relaxed)
      checkpoint(connection, SQLITE_CHECKPOINT_PASSIVE)
    } else if !isBusy.exchange(true, ordering: .acquiring) {
      if !requests.push(true) { isBusy.store(false, ordering: .releasing) }
    }
  }

  /// Copies back on request until the queue is closed.
  func work(_ connection: Connection) {
    while requests.take(upTo: 1) != nil {
      checkpoint(connection, SQLITE_CHECKPOINT_PASSIVE)
      isBusy.store(false, ordering: .releasing)
    }
  }

  func checkpoint(_ connection: Connection, _ mode: Int32) { sqlite3_wal_checkpoint_v2(connection.handle, nil, mode, nil, nil) }
}
