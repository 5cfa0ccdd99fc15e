import CLibPQ
import Foundation
import Persistence
import ServiceKit

/// One of the threads that write: takes the bodies that wait, and commits them together.
///
/// Transactions are SERIALIZABLE, so that a body that looks and then acts is right beside any other. One that lost to another runs
/// again while nobody else writes, and therefore does not lose twice. A commit whose answer is lost is looked up by its number.
final class PostgresWriter {
  static let groupBound = 256

  /// A body failed after it had changed something; nothing of its group can be kept.
  private struct Spoiled: Error {
    let reason: any Error
  }

  /// A body was told what it expected, and it was otherwise.
  private struct Mistaken: Error {}

  /// The connection broke between the commit and its answer.
  private struct Unanswered: Error {
    let transaction: Int
    let timeline: String
  }

  private let link: Link
  private let queue: WorkQueue<Work>
  private let writers: Int
  private let settings: PostgresSettings

  init(settings: PostgresSettings, queue: WorkQueue<Work>) {
    self.settings = settings
    self.queue = queue
    writers = max(1, settings.writers)
    link = Link(settings.url, settings: settings, use: .writer)
  }

  /// Works until the queue is closed and empty.
  func work() {
    while let group = queue.take(upTo: Self.groupBound, among: writers) {
      let shared = group.filter { !$0.isExclusive }
      if !shared.isEmpty { commit(shared) }
      for work in group where work.isExclusive { commit([work]) }
    }
    link.close()
  }

  /// - Parameter manner: at first statements go ahead of their answers; where that went wrong they wait for them.
  private func commit(_ group: [Work], _ manner: PostgresTransaction.Manner = .ahead) {
    var manner = manner
    var doubtful: [Work] = []
    func answer() {
      let unanswered = Set(doubtful.map(ObjectIdentifier.init))
      for work in group where !unanswered.contains(ObjectIdentifier(work)) { work.answer() }
      for work in doubtful { commit([work], .waiting) }
    }
    var conflicts = 0
    var losses = 0
    while true {
      do {
        doubtful = []
        try attempt(group, manner, isAlone: conflicts > 0, &doubtful)
        return answer()
      } catch is Mistaken {
        link.undo()
        manner = .waiting
      } catch ServerFailure.conflict(let reason) {
        link.undo()
        conflicts += 1
        if conflicts > 5 { return refuse(group, Unavailable("others change the same at the same time: \(reason)", retryAfterSeconds: 1)) }
      } catch let spoiled as Spoiled {
        link.undo()
        if manner == .waiting {
          if group.count == 1 { return group[0].answer(failed: spoiled.reason) }
          for work in group { commit([work], .waiting) }
          return
        }
        manner = .waiting
      } catch ServerFailure.disconnected(let reason) {
        // Nothing was committed: the bodies run again on another connection, if there is one.
        losses += 1
        if losses > 2 { return refuse(group, Unavailable("the database does not answer: \(reason)", retryAfterSeconds: 2)) }
      } catch let unanswered as Unanswered {
        switch outcome(of: unanswered) {
        case .committed: return answer()
        case .undone: continue
        case .unknown:
          return refuse(group, Unavailable("the database went away during a commit; whether it holds will show", retryAfterSeconds: 5))
        }
      } catch {
        link.undo()
        return refuse(group, error as? Unavailable ?? Unavailable("the database cannot write: \(error)"))
      }
    }
  }

  /// Runs the bodies in one transaction and commits it.
  ///
  /// - Parameter doubtful: takes those that threw after they had been told something not known: they are to run again, and wait.
  private func attempt(_ group: [Work], _ manner: PostgresTransaction.Manner, isAlone: Bool, _ doubtful: inout [Work]) throws {
    let connection = try link.connected()
    let transaction = PostgresTransaction(connection, manner)
    var number: PostgresRow?
    try begin(connection, isAlone: isAlone || group[0].isExclusive, isUnlimited: group[0].isExclusive) { number = PostgresRow($0) }
    for work in group {
      let changes = transaction.changes
      transaction.begin()
      do { try work.perform(transaction) } catch {
        transaction.forget()
        guard transaction.failure == nil, !(error is ServerFailure), transaction.changes == changes else {
          throw Self.verdict(transaction.failure ?? error)
        }
        // It changed nothing: it is told why, and the others go on.
        work.failure = error
        if transaction.hasAssumed { doubtful.append(work) }
        continue
      }
      transaction.end()
      if let failure = transaction.failure { throw Self.verdict(failure) }
    }
    do {
      try transaction.settle()
      // All must be as it was told, and the transaction's number known, before the commit is under way.
      if manner == .ahead || number == nil {
        try connection.flush()
        try connection.read()
      }
    } catch { throw Self.verdict(error) }
    if transaction.isMistaken { throw Mistaken() }
    do {
      let result = try connection.query("COMMIT")
      if result.command != "COMMIT" { throw Unavailable("the database undid the transaction") }
    } catch ServerFailure.disconnected(let reason) {
      guard let number else { throw ServerFailure.disconnected(reason) }
      throw Unanswered(transaction: number.integer(0), timeline: number.text(1))
    } catch { throw Self.verdict(error) }
  }

  private func begin(_ connection: PostgresConnection, isAlone: Bool, isUnlimited: Bool, number: @escaping (PostgresResult) -> Void) throws {
    try connection.send("BEGIN")
    if isAlone { try connection.send("SET LOCAL lock_timeout = \(isUnlimited ? 120_000 : 10_000)") }
    if isUnlimited { try connection.send("SET LOCAL statement_timeout = 0") }
    // Before the first statement that reads: a snapshot from before the wait would be stale after it.
    try connection.send(isAlone ? "LOCK TABLE tiffin_writers IN EXCLUSIVE MODE" : "LOCK TABLE tiffin_writers IN ROW EXCLUSIVE MODE")
    try connection.send("SELECT pg_current_xact_id(), substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)", then: number)
    if isAlone {
      // Waits here for the lock, not inside of a body.
      try connection.flush()
      do { try connection.read() } catch { throw Self.verdict(error) }
    }
  }

  /// What a failure inside of the transaction means for its group.
  private static func verdict(_ error: any Error) -> any Error {
    error is ServerFailure || error is Unavailable ? error : Spoiled(reason: error)
  }

  private func refuse(_ group: [Work], _ reason: Unavailable) { for work in group { work.answer(failed: reason) } }

  // MARK: A lost answer

  private enum Outcome { case committed, undone, unknown }

  /// Asks the server, as soon as it answers again, what became of a transaction.
  private func outcome(of unanswered: Unanswered) -> Outcome {
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end {
      do {
        let connection = try link.connected()
        let result = try connection.query(
          "SELECT pg_xact_status(CAST(? AS XID8)), substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)",
          [.text(String(unanswered.transaction))])
        let row = PostgresRow(result)
        switch row.text(0) {
        // Another server took over meanwhile: the number may be that of somebody else's transaction.
        case "committed": return row.text(1) == unanswered.timeline ? .committed : .unknown
        case "aborted": return .undone
        case "in progress": break
        default: return .unknown
        }
      } catch let failure as StatementFailed where failure.message.contains("in the future") {
        // The server that took over never heard of it.
        return .undone
      } catch {}
      Thread.sleep(forTimeInterval: 0.1)
    }
    return .unknown
  }
}
