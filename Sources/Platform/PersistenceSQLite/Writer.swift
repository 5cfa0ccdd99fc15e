import GRDBSQLite
import Persistence
import ServiceKit
import Synchronization

/// The single writer: takes all bodies that wait, and commits them together.
///
/// Each body runs in its savepoint and is undone alone when it throws; each is answered only after the commit that holds it is
/// on disk.
final class Writer {
  static let groupBound = 128

  private let connection: Connection
  private let transaction: SQLiteTransaction
  private let queue: WorkQueue<Work>
  private let answers: WorkQueue<[Work]>
  private let wal: WriteAheadLog

  init(_ connection: Connection, queue: WorkQueue<Work>, answers: WorkQueue<[Work]>, wal: WriteAheadLog) {
    self.connection = connection
    self.queue = queue
    self.answers = answers
    self.wal = wal
    transaction = SQLiteTransaction(connection)
  }

  /// Works until the queue is closed and empty.
  func work() {
    wal.watch(connection)
    while let group = queue.take(upTo: Self.groupBound) {
      commit(group)
      wal.writerIsFree(connection)
    }
  }

  private func commit(_ group: [Work]) {
    let isAlone = group.count == 1
    do { try connection.execute("BEGIN IMMEDIATE") } catch { return refuse(group, error) }
    for work in group {
      do {
        if !isAlone { try connection.execute("SAVEPOINT body") }
        try work.perform(transaction)
        if !isAlone { try connection.execute("RELEASE body") }
      } catch {
        work.failure = error
        if isAlone || connection.isAutocommit || !undo() { return broken(group, by: error) }
      }
      // A body may swallow the error with which SQLite undid everything before it.
      if connection.isAutocommit { return broken(group, by: Unavailable("the database undid the transaction")) }
    }
    do { try connection.execute("COMMIT") } catch { return broken(group, by: error, isCommit: true) }
    // While others wait for the writer, answering (waking tasks) is left to another thread.
    if queue.isEmpty || !answers.push(group) { for work in group { work.answer() } }
  }

  /// Undoes the last body alone; false when that is not possible.
  private func undo() -> Bool {
    do {
      try connection.execute("ROLLBACK TO body")
      try connection.execute("RELEASE body")
      return true
    } catch { return false }
  }

  /// Nothing of the group is kept: tells whoever is alone why, and tries others one by one, for one body may be the reason.
  private func broken(_ group: [Work], by error: any Error, isCommit: Bool = false) {
    if !connection.isAutocommit { try? connection.execute("ROLLBACK") }
    if group.count == 1 { return group[0].answer(failed: error) }
    // A disk that cannot take the commit of all is not asked again for each.
    if isCommit, !(error is ConstraintViolation) { return refuse(group, error) }
    for work in group { commit([work]) }
  }

  private func refuse(_ group: [Work], _ error: any Error) {
    let reason = error as? Unavailable ?? Unavailable("the database cannot write: \(error)")
    for work in group { work.answer(failed: work.failure ?? reason) }
  }
}
