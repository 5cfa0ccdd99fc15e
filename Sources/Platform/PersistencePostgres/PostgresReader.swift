import CLibPQ
import Persistence
import ServiceKit

/// One of the threads that read: a snapshot for each group of bodies that wait together.
final class PostgresReader {
  private let link: Link
  private let queue: WorkQueue<Work>
  private let readers: Int
  /// Where bodies go that this server cannot serve: from a replica to the first server.
  private let fallback: WorkQueue<Work>?

  init(_ url: String, settings: PostgresSettings, queue: WorkQueue<Work>, fallback: WorkQueue<Work>? = nil) {
    self.queue = queue
    self.fallback = fallback
    readers = max(1, settings.readers)
    link = Link(url, settings: settings, use: .reader)
  }

  /// Works until the queue is closed and empty.
  func work() {
    // The snapshot begins after each body was asked for, so each sees every write answered before.
    while let group = queue.take(upTo: 8, among: readers) {
      var rest = group[...]
      var losses = 0
      while !rest.isEmpty {
        do { try read(&rest) } catch {
          link.undo()
          losses += 1
          if case ServerFailure.disconnected = error, losses <= 2 { continue }
          if case ServerFailure.conflict = error, fallback == nil, losses <= 2 { continue }
          giveUp(rest, error)
          break
        }
      }
    }
    link.close()
  }

  /// Performs bodies in one snapshot, taking out those that are answered.
  ///
  /// - Throws: what makes the connection or the server useless for the rest.
  private func read(_ rest: inout ArraySlice<Work>) throws {
    let connection = try link.connected()
    let transaction = PostgresTransaction(connection, .reading) { try connection.send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") }
    try transaction.begun()
    while let work = rest.first {
      do {
        try work.perform(transaction)
        rest.removeFirst()
        work.answer()
      } catch {
        let failure = transaction.failure ?? error
        if failure is ServerFailure { throw failure }
        rest.removeFirst()
        work.answer(failed: error)
        // The others need a snapshot of their own.
        if transaction.failure != nil { return link.undo() }
      }
    }
    try connection.send("COMMIT")
    // Nobody waits for this answer: it is read with the next.
    try connection.flush()
  }

  private func giveUp(_ works: ArraySlice<Work>, _ error: any Error) {
    let reason: Unavailable =
      switch error {
      case let unavailable as Unavailable: unavailable
      case ServerFailure.disconnected(let reason), ServerFailure.conflict(let reason):
        Unavailable("the database does not answer: \(reason)", retryAfterSeconds: 2)
      default: Unavailable("the database cannot read: \(error)")
      }
    for work in works where fallback?.push(work) != true { work.answer(failed: reason) }
  }
}
