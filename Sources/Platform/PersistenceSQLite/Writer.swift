import GRDBSQLite
import Persistence
import ServiceKit
import Synchronization

/// The single writer: takes all bodies that wait, and commits them together.
///
/// Bodies seldom fail once they have written: a group runs without savepoints, which would copy every page that a body touches.
/// When one does fail, the group is undone and run again, each body in a savepoint so that it is undone alone; so are the groups
/// that follow for a while. Each body is answered only after the commit that holds it is on disk.
final class Writer {
  static let groupBound = 128
  /// How many groups take savepoints after a body has failed.
  static let wariness = 32

  private let connection: Connection
  private let transaction: SQLiteTransaction
  private let queue: WorkQueue<Work>
  private let answers: WorkQueue<[Work]>
  private let wal: WriteAheadLog
  private var wary = 0

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
    let isWary = !isAlone && wary > 0
    if wary > 0 { wary -= 1 }
    do { try connection.execute("BEGIN IMMEDIATE") } catch { return refuse(group, error) }
    for work in group {
      do {
        if isWary { try connection.execute("SAVEPOINT body") }
        try work.perform(transaction)
        if isWary { try connection.execute("RELEASE body") }
      } catch {
        work.failure = error
        if connection.isAutocommit { return broken(group, by: error) }
        // A body that has written nothing leaves nothing to undo.
        if !transaction.hasWritten, !isWary { continue }
        if isAlone || (isWary && !undo()) { return broken(group, by: error) }
        if !isWary {
          do { try connection.execute("ROLLBACK") } catch { return broken(group, by: error) }
          wary = Self.wariness
          return commit(group)
        }
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
