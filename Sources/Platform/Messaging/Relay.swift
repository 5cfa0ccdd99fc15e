import Kernel
import Logging
public import Persistence
public import ServiceKit
import Synchronization

/// Carries the events of one service's outbox to the bus, in order, and removes those that cannot be lost any more.
///
/// It reads ahead of what is confirmed, so that one slow reaction holds back its own event's row and nothing else. Of the processes
/// that host a service, one carries its events; when that one dies another begins with all that were not confirmed.
///
/// Positions of different aggregates may be committed out of order where several write at once. A row that shows up late was
/// written by a transaction that was under way when the relay last looked, or later: rows of transactions that had all ended by
/// then are not looked at again, and of the others those handed over are remembered.
public final class Relay: Sendable {
  private struct State {
    /// Whether this process carries the service's events.
    var isCarrier = false
    /// The last position handed to the bus.
    var last = 0
    /// The first transaction that had not ended when the outbox was last read to its end, where several write at once.
    var settled = 0
    /// The positions handed over that may be read again there, with the transactions that wrote them.
    var handed: [Int: Int] = [:]
    /// The positions of this table when the run began: their events may have been delivered before.
    var oldUpTo: Int?
    var inFlight: [EventID: Int] = [:]
    var confirmed: [Int] = []
    /// Whether the outbox may hold what is not among the fresh.
    var mustRead = true
    /// Events that this process has just committed, by their position: what follows `last` without a gap need not be read.
    var fresh: [Int: Envelope] = [:]

    mutating func takeFresh(upTo most: Int) -> [Row] {
      var taken: [Row] = []
      while taken.count < most, let envelope = fresh.removeValue(forKey: last + taken.count + 1) {
        taken.append(Row(position: last + taken.count + 1, envelope: envelope))
      }
      return taken
    }

    /// Lets go of what was committed while rows up to a position were read: it was among them, or where several write at once may have
    /// been committed after that look, and is looked for again.
    mutating func passFresh(upTo end: Int, isShared: Bool) {
      if isShared, fresh.keys.contains(where: { $0 <= end && handed[$0] == nil }) { mustRead = true }
      fresh = fresh.filter { $0.key > end }
    }
  }

  private struct Row: Sendable {
    var position: Int
    var envelope: Envelope
    /// The transaction that wrote it: of an event that was not read, the last one thinkable.
    var writer = Int.max
  }

  private let service: String
  private let database: any Database
  private let bus: any Bus
  private let time: TimeSource
  /// What one process only may do.
  private let duty: String
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
    duty = "relay \(service)"
    database.peers.whenSignalled(duty) { [weak self] in self?.look() }
  }

  /// Takes an event that is on disk; what is too much to keep in memory is read from there later.
  ///
  /// - Parameter envelope: absent where it is to be read in any case.
  public func take(_ position: Int, _ envelope: Envelope?) {
    state.withLock { state in
      if position <= state.last {
        // Either it was read before this was told, or it was committed after one with a higher position.
        if database.engine == .postgres, state.handed[position] == nil { state.mustRead = true }
      } else if let envelope, state.fresh.count < window {
        state.fresh[position] = envelope
      } else {
        state.mustRead = true
      }
    }
    news.set()
  }

  /// Has the outbox read, whatever is known of it.
  private func look() {
    state.withLock { $0.mustRead = true }
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
        while (try? await self.time.sleep(for: self.poll)) != nil { self.look() }
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
    guard await isCarrier() else { return false }
    let (fresh, isToBeRead) = state.withLock { state -> ([Row], Bool) in
      let fresh = state.oldUpTo == nil ? [] : state.takeFresh(upTo: batch)
      if !fresh.isEmpty { return (fresh, false) }
      // What is fresh and not next has something before it that is not known.
      let isToBeRead = state.mustRead || !state.fresh.isEmpty
      state.mustRead = false
      return ([], isToBeRead)
    }
    if fresh.isEmpty, !isToBeRead { return false }
    do { return try await handOver(fresh) } catch {
      state.withLock { $0.mustRead = true }
      throw error
    }
  }

  /// Hands over what is fresh, or where that is nothing what is read; false when there was none.
  private func handOver(_ fresh: [Row]) async throws -> Bool {
    let found = fresh.isEmpty ? try await read() : Found(rows: fresh)
    let rows = found.rows
    let oldUpTo = state.withLock { state in
      if let newest = found.newest { state.oldUpTo = newest }
      for row in rows { state.inFlight[row.envelope.id] = row.position }
      return state.oldUpTo ?? 0
    }
    if !rows.isEmpty {
      do {
        try await bus.publish(rows.map(\.envelope), isRepeated: rows[0].position <= oldUpTo) { [self] in confirm($0) }
      } catch {
        state.withLock { state in for row in rows { state.inFlight[row.envelope.id] = nil } }
        throw error
      }
    }
    state.withLock { state in
      if !found.isAll { state.mustRead = true }
      if database.engine == .postgres {
        // Those confirmed meanwhile are remembered until their row is gone.
        for row in rows { state.handed[row.position] = row.writer }
      }
      if let end = rows.last?.position {
        state.last = max(state.last, end)
        if fresh.isEmpty, !state.fresh.isEmpty { state.passFresh(upTo: end, isShared: database.engine == .postgres) }
      }
      if let settled = found.settled, settled > state.settled {
        state.settled = settled
        state.handed = state.handed.filter { $0.value >= settled }
      }
    }
    return !rows.isEmpty
  }

  /// What was read of the outbox.
  private struct Found: Sendable {
    var rows: [Row]
    /// The first time: which of them an earlier run left.
    var newest: Int?
    /// Whether these are all the rows there are.
    var isAll = true
    /// Where they are, the first transaction that may bring others with lower positions.
    var settled: Int?
  }

  /// The rows to hand over next, by position.
  private func read() async throws -> Found {
    let start = state.withLock { ($0.last, settled: $0.settled, handed: $0.handed, isFirst: $0.oldUpTo == nil) }
    return try await database.read { [self] transaction in
      var found = Found(rows: [])
      if start.isFirst { found.newest = try transaction.first("SELECT COALESCE(MAX(position), 0) FROM \(service)_outbox") { $0.integer(0) } }
      let isShared = transaction.engine == .postgres
      let limit = isShared ? batch + start.handed.count : batch
      var count = 0
      try transaction.rows(
        """
        SELECT position, sequence, writer, envelope FROM \(service)_outbox WHERE \(isShared ? "writer" : "position") \(isShared ? ">=" : ">") ?
        ORDER BY position LIMIT ?
        """, [.integer(isShared ? start.settled : start.0), .integer(limit)]
      ) { row in
        count += 1
        guard found.rows.count < batch, start.handed[row.integer(0)] == nil else { return }
        var envelope = try row.json(3, as: Envelope.self)
        // Events that an earlier program wrote have their number inside.
        envelope.sequence = row.optionalInteger(1) ?? envelope.sequence
        found.rows.append(Row(position: row.integer(0), envelope: envelope, writer: row.integer(2)))
      }
      found.isAll = count < limit && found.rows.count < batch
      // Of this very snapshot: every transaction before this number has ended, and what it wrote was among the rows.
      if isShared, found.isAll {
        found.settled = try transaction.first("SELECT pg_snapshot_xmin(pg_current_snapshot())") { $0.integer(0) }
      }
      return found
    }
  }

  /// Whether this process carries; whoever begins to starts from all that is there.
  private func isCarrier() async -> Bool {
    let holds = await database.peers.holds(duty)
    state.withLock { state in
      if holds, !state.isCarrier { state = State() }
      state.isCarrier = holds
      if !holds { state.fresh = [:] }
    }
    // The one that carries is to look for what this process wrote.
    if !holds { database.peers.signal(duty) }
    return holds
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
      if database.engine == .postgres { state.withLock { state in for position in positions { state.handed[position] = nil } } }
    } catch {
      if error is CancellationError { return }  // The rows stay, and the next run publishes them again.
      logger.warning("published events could not be removed", metadata: ["service": "\(service)", "error": "\(error)"])
      state.withLock { $0.confirmed += positions }
      try? await time.sleep(for: .seconds(1))
      confirmations.set()
    }
  }
}
