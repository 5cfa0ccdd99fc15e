import Kernel
import Logging
public import Persistence
public import ServiceKit
import Synchronization

/// Carries the events of one service's outbox to the bus, in order, and removes those that cannot be lost any more.
///
/// It reads ahead of what is confirmed, so that one slow reaction holds back its own event's row and nothing else.
public final class Relay: Sendable {
  private struct State {
    /// The last position handed to the bus.
    var last = 0
    /// The positions of this table when the run began: their events may have been delivered before.
    var oldUpTo: Int?
    var inFlight: [EventID: Int] = [:]
    var confirmed: [Int] = []
    /// Events that this process has just committed, by their position: what follows `last` without a gap need not be read.
    var fresh: [Int: Envelope] = [:]

    mutating func takeFresh(upTo most: Int) -> [(position: Int, envelope: Envelope)] {
      var taken: [(position: Int, envelope: Envelope)] = []
      while taken.count < most, let envelope = fresh.removeValue(forKey: last + taken.count + 1) { taken.append((last + taken.count + 1, envelope)) }
      return taken
    }
  }

  private let service: String
  private let database: any Database
  private let bus: any Bus
  private let time: TimeSource
  private let state = Mutex(State())
  private let news = Signal()
  private let confirmations = Signal()
  private let room = Signal()
  private let logger = Logger(label: "tiffin.relay")
  private let batch = 256
  private let window = 8192
  private let poll = Duration.seconds(15)

  public init(service: String, database: any Database, bus: any Bus, time: TimeSource) {
    self.service = service
    self.database = database
    self.bus = bus
    self.time = time
  }

  /// Takes an event that is on disk; what is too much to keep in memory is read from there later.
  ///
  /// - Parameter envelope: absent where it is to be read in any case.
  public func take(_ position: Int, _ envelope: Envelope?) {
    if let envelope {
      state.withLock { state in if position > state.last, state.fresh.count < window { state.fresh[position] = envelope } }
    }
    news.set()
  }

  /// How many events are handed over and not confirmed.
  public var inFlight: Int { state.withLock { $0.inFlight.count } }

  /// Carries until the task is cancelled.
  public func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.carry() }
      group.addTask { await self.remove() }
      group.addTask {
        while (try? await self.time.sleep(for: self.poll)) != nil { self.news.set() }
      }
    }
  }

  private func carry() async {
    while !Task.isCancelled {
      do {
        if try await !carryBatch() { await news.wait() }
      } catch is CancellationError {
        return
      } catch {
        logger.warning("events wait in the outbox", metadata: ["service": "\(service)", "error": "\(error)"])
        try? await time.sleep(for: .seconds(1))
      }
    }
  }

  /// Hands over one batch; false when there was none.
  private func carryBatch() async throws -> Bool {
    while state.withLock({ $0.inFlight.count >= window }) {
      await room.wait()
      try Task.checkCancellation()
    }
    let (last, isFirst, fresh) = state.withLock { state in
      (state.last, state.oldUpTo == nil, state.oldUpTo == nil ? [] : state.takeFresh(upTo: batch))
    }
    let rows = fresh.isEmpty ? try await read(after: last, isFirst: isFirst) : fresh
    let oldUpTo = state.withLock { state in
      for row in rows { state.inFlight[row.envelope.id] = row.position }
      return state.oldUpTo ?? 0
    }
    guard let end = rows.last?.position else { return false }
    do {
      try await bus.publish(rows.map(\.envelope), isRepeated: rows[0].position <= oldUpTo) { [self] in confirm($0) }
    } catch {
      state.withLock { state in for row in rows { state.inFlight[row.envelope.id] = nil } }
      throw error
    }
    state.withLock { state in
      state.last = max(state.last, end)
      // What was committed while it was being read has been handed over with the rest.
      if fresh.isEmpty, !state.fresh.isEmpty { state.fresh = state.fresh.filter { $0.key > end } }
    }
    return true
  }

  /// The rows after a position; the first time also learns which of them an earlier run left.
  private func read(after last: Int, isFirst: Bool) async throws -> [(position: Int, envelope: Envelope)] {
    let (rows, newest) = try await database.read { [service, batch] transaction in
      let newest = isFirst ? try transaction.first("SELECT COALESCE(MAX(position), 0) FROM \(service)_outbox") { $0.integer(0) } : nil
      let rows = try transaction.all(
        "SELECT position, envelope FROM \(service)_outbox WHERE position > ? ORDER BY position LIMIT ?", .integer(last), .integer(batch)
      ) { (position: $0.integer(0), envelope: try $0.json(1, as: Envelope.self)) }
      return (rows, newest)
    }
    if let newest { state.withLock { $0.oldUpTo = newest } }
    return rows
  }

  private func confirm(_ id: EventID) {
    let (isKnown, wasFull) = state.withLock { state in
      let wasFull = state.inFlight.count >= window
      guard let position = state.inFlight.removeValue(forKey: id) else { return (false, false) }
      state.confirmed.append(position)
      return (true, wasFull)
    }
    if isKnown { confirmations.set() }
    if wasFull { room.set() }
  }

  /// Removes what was confirmed, all at once whatever came together while the last removal was written.
  private func remove() async {
    while !Task.isCancelled {
      await confirmations.wait()
      await removeConfirmed()
    }
  }

  /// Removes the rows of what was confirmed; they stay for another time when that cannot be written.
  public func removeConfirmed() async {
    let positions = state.withLock { state in
      defer { state.confirmed = [] }
      return state.confirmed.sorted()
    }
    if positions.isEmpty { return }
    var runs: [ClosedRange<Int>] = []
    for position in positions {
      if let last = runs.last, last.upperBound + 1 >= position {
        runs[runs.count - 1] = last.lowerBound...position
      } else {
        runs.append(position...position)
      }
    }
    let removed = runs
    do {
      try await database.write { [service] transaction in
        for run in removed {
          try transaction.run("DELETE FROM \(service)_outbox WHERE position BETWEEN ? AND ?", .integer(run.lowerBound), .integer(run.upperBound))
        }
      }
    } catch {
      if error is CancellationError { return }  // The rows stay, and the next run publishes them again.
      logger.warning("published events could not be removed", metadata: ["service": "\(service)", "error": "\(error)"])
      state.withLock { $0.confirmed += positions }
      try? await time.sleep(for: .seconds(1))
      confirmations.set()
    }
  }
}
