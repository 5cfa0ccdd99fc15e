import CLibPQ
import Foundation
import Persistence
import ServiceKit

/// One of the threads that write: takes the bodies that wait, and commits them together.
///
/// While one thread's transaction runs, another gathers the bodies of the next and runs those that need not ask the server: of
/// `writers` there are twice as many threads, and so many of them at a time have a turn at the server.
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

  /// A transaction that bodies are run in, until its commit.
  private final class Attempt {
    let transaction: PostgresTransaction
    let number: Number
    /// The bodies that threw after they had been told something not known: they are to run again, and wait.
    var doubtful: [Work] = []

    init(_ transaction: PostgresTransaction, _ number: Number) {
      self.transaction = transaction
      self.number = number
    }
  }

  /// The server's number of a transaction, and its timeline, once they were read.
  private final class Number {
    var row: PostgresRow?
  }

  private let link: Link
  private let queue: WorkQueue<Work>
  private let writers: Int
  private let settings: PostgresSettings
  private var hasTurn = false
  /// When those who are gathered are refused; once they have had a turn they are not.
  private var patience: ContinuousClock.Instant?

  /// - Parameter queue: has a turn for each of the writers.
  init(settings: PostgresSettings, queue: WorkQueue<Work>) {
    self.settings = settings
    self.queue = queue
    writers = max(1, settings.writers)
    link = Link(settings.url, settings: settings, use: .writer)
  }

  /// Works until the queue is closed and empty.
  func work() {
    while let first = queue.begin(upTo: Self.groupBound, among: writers) {
      hasTurn = first.hasTurn
      gather(first.items)
    }
    link.close()
  }

  /// Runs bodies, and those that come while it is another's turn, and commits them.
  private func gather(_ first: [Work]) {
    var shared = first.filter { !$0.isExclusive }
    var exclusive = first.filter(\.isExclusive)
    var attempt = Result { try prepared(.ahead, with: shared) }
    patience = first[0].since + settings.wait
    while !hasTurn {
      let (more, isTurn) = queue.goOn(upTo: Self.groupBound - shared.count, among: writers, until: patience)
      hasTurn = isTurn
      for work in more {
        if work.isExclusive {
          exclusive.append(work)
        } else {
          shared.append(work)
          attempt = Result {
            let attempt = try attempt.get()
            try perform(work, in: attempt)
            return attempt
          }
        }
      }
      if isTurn || !more.isEmpty { continue }
      // Those who have waited too long are refused, and the others are a group without them.
      let now = ContinuousClock.now
      for work in shared + exclusive where work.since + settings.wait <= now { work.answer(failed: settings.outOfPatience) }
      shared.removeAll { $0.since + settings.wait <= now }
      exclusive.removeAll { $0.since + settings.wait <= now }
      guard let oldest = (shared + exclusive).map(\.since).min() else { return }
      attempt = Result { try prepared(.ahead, with: shared) }
      patience = oldest + settings.wait
    }
    if !shared.isEmpty { commit(shared, attempt) }
    for work in exclusive { commit([work], .ahead) }
    assert(!hasTurn, "a turn that is kept stops all writers")
  }

  private func takeTurn() throws {
    if hasTurn { return }
    hasTurn = queue.takeTurn(until: patience)
    if !hasTurn { throw settings.outOfPatience }
  }

  private func endTurn() {
    if hasTurn { queue.endTurn() }
    hasTurn = false
  }

  /// Runs the bodies of a group, and commits them.
  private func commit(_ group: [Work], _ manner: PostgresTransaction.Manner) {
    commit(group, Result { try prepared(manner, with: group) })
  }

  /// Commits what was prepared, or prepares it once more: at first statements go ahead of their answers; where that went wrong they wait
  /// for them.
  private func commit(_ group: [Work], _ prepared: Result<Attempt, any Error>) {
    var prepared = prepared
    var manner = PostgresTransaction.Manner.ahead
    var conflicts = 0
    var losses = 0
    func answer(but doubtful: [Work] = []) {
      endTurn()
      let unanswered = Set(doubtful.map(ObjectIdentifier.init))
      for work in group where !unanswered.contains(ObjectIdentifier(work)) { work.answer() }
      for work in doubtful { commit([work], .waiting) }
    }
    func refuse(_ reason: any Error) {
      endTurn()
      for work in group { work.answer(failed: reason) }
    }
    while true {
      do {
        let attempt = try prepared.get()
        manner = attempt.transaction.manner
        try complete(attempt)
        return answer(but: attempt.doubtful)
      } catch is Mistaken {
        link.undo()
        manner = .waiting
      } catch ServerFailure.conflict(let reason) {
        link.undo()
        conflicts += 1
        if conflicts > 5 { return refuse(Unavailable("others change the same at the same time: \(reason)", retryAfterSeconds: 1)) }
      } catch let spoiled as Spoiled {
        link.undo()
        if manner == .waiting {
          if group.count == 1 { return refuse(spoiled.reason) }
          for work in group { commit([work], .waiting) }
          return
        }
        manner = .waiting
      } catch ServerFailure.disconnected(let reason) {
        // Nothing was committed: the bodies run again on another connection, if there is one.
        losses += 1
        if losses > 2 { return refuse(Unavailable("the database does not answer: \(reason)", retryAfterSeconds: 2)) }
      } catch let unanswered as Unanswered {
        switch outcome(of: unanswered) {
        case .committed: return answer()
        case .undone: break
        case .unknown:
          return refuse(Unavailable("the database went away during a commit; whether it holds will show", retryAfterSeconds: 5))
        }
      } catch {
        link.undo()
        return refuse(error as? Unavailable ?? Unavailable("the database cannot write: \(error)"))
      }
      prepared = Result { try self.prepared(manner, with: group, isAlone: conflicts > 0) }
    }
  }

  // MARK: One transaction

  /// A transaction with bodies that have run in it.
  private func prepared(_ manner: PostgresTransaction.Manner, with group: [Work] = [], isAlone: Bool = false) throws -> Attempt {
    let isExclusive = group.first?.isExclusive == true
    let connection = try link.connected()
    let number = Number()
    let transaction = PostgresTransaction(connection, manner) { [self] in
      try takeTurn()
      patience = nil
      try begin(connection, isAlone: isAlone || isExclusive, isUnlimited: isExclusive, number)
    }
    let attempt = Attempt(transaction, number)
    for work in group { try perform(work, in: attempt) }
    return attempt
  }

  private func perform(_ work: Work, in attempt: Attempt) throws {
    let transaction = attempt.transaction
    let changes = transaction.changes
    transaction.begin()
    do { try work.perform(transaction) } catch {
      transaction.forget()
      guard transaction.failure == nil, !(error is ServerFailure), transaction.changes == changes else {
        throw Self.verdict(transaction.failure ?? error)
      }
      // It changed nothing: it is told why, and the others go on.
      work.failure = error
      if transaction.hasAssumed { attempt.doubtful.append(work) }
      return
    }
    transaction.end()
    if let failure = transaction.failure { throw Self.verdict(failure) }
  }

  /// Sends what waits, and commits.
  private func complete(_ attempt: Attempt) throws {
    let (transaction, number) = (attempt.transaction, attempt.number)
    let connection = transaction.connection
    do {
      try transaction.begun()
      try transaction.settle()
      // All must be as it was told, and the transaction's number known, before the commit is under way.
      if transaction.manner == .ahead || number.row == nil {
        try connection.flush()
        try connection.read()
      }
    } catch { throw Self.verdict(error) }
    if transaction.isMistaken { throw Mistaken() }
    do {
      try connection.send("COMMIT")
      try connection.flush()
      // The next group need not wait until this one is on disk: nobody in it was answered by this one.
      endTurn()
      if try connection.read()?.command != "COMMIT" { throw Unavailable("the database undid the transaction") }
    } catch ServerFailure.disconnected(let reason) {
      guard let number = number.row else { throw ServerFailure.disconnected(reason) }
      throw Unanswered(transaction: number.integer(0), timeline: number.text(1))
    } catch { throw Self.verdict(error) }
  }

  private func begin(_ connection: PostgresConnection, isAlone: Bool, isUnlimited: Bool, _ number: Number) throws {
    try connection.send("BEGIN")
    if isAlone { try connection.send("SET LOCAL lock_timeout = \(isUnlimited ? 120_000 : 10_000)") }
    if isUnlimited { try connection.send("SET LOCAL statement_timeout = 0") }
    // Before the first statement that reads: a snapshot from before the wait would be stale after it.
    try connection.send(isAlone ? "LOCK TABLE tiffin_writers IN EXCLUSIVE MODE" : "LOCK TABLE tiffin_writers IN ROW EXCLUSIVE MODE")
    try connection.send("SELECT pg_current_xact_id(), substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)") { number.row = PostgresRow($0) }
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
