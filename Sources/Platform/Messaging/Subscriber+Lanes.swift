import Kernel
import Logging
import Persistence
import Resilience
import ServiceKit
import Synchronization
import Wire

extension Subscriber {
  /// Handles a lane's items until there are none.
  func work(_ lane: Lane) async {
    while !isStopped, let items = lane.take(upTo: 64) {
      if await handleTogether(items, lane) { continue }
      for item in items {
        if isStopped { return }
        switch item {
        case .delivery(let reaction, let delivery): await handle(delivery, reaction, lane)
        case .retry(let place): await takeUp(place, lane)
        }
      }
    }
  }

  /// Handles the items in one transaction, if they all are of the kind that can; false when none is handled.
  private func handleTogether(_ items: [Lane.Item], _ lane: Lane) async -> Bool {
    if items.count < 2 || lane.hasParked { return false }
    var changes: [(name: String, envelope: Envelope, change: Reaction.Kind.Change)] = []
    for item in items {
      guard case .delivery(let index, let delivery) = item, case .inTransaction(let prepare) = reactions[index].kind else { return false }
      guard let change = try? Self.asSystem(delivery.envelope, { try prepare(delivery.envelope) }) else { return false }
      changes.append((reactions[index].name, delivery.envelope, change))
    }
    let all = changes
    do {
      try await database.write { [inbox] transaction in
        for (name, envelope, change) in all where try inbox.mark(envelope.id, name, in: transaction) {
          try Self.asSystem(envelope) { try change(transaction) }
        }
      }
    } catch { return false }
    for case .delivery(_, let delivery) in items { delivery.finish() }
    return true
  }

  /// Handles one event: done, or parked, when it returns; neither only when the subscriber stops.
  private func handle(_ delivery: Delivery, _ index: Int, _ lane: Lane) async {
    let place = Lane.Place(reaction: index, aggregate: delivery.envelope.aggregate)
    if lane.isParked(place) {
      if await park(delivery.envelope, place, attempts: 0, due: nil, error: nil) { delivery.finish() }
      return
    }
    var failures = 0
    while !isStopped {
      do {
        try await react(to: delivery.envelope, index, unparking: nil, isRepeated: delivery.isRepeated)
        return delivery.finish()
      } catch is CancellationError {
        return
      } catch {
        if isPassing(error), case .inTransaction = reactions[index].kind {
          // It is the service's own database that cannot write now: there is nowhere to park.
          failures += 1
          await pause(failures)
          continue
        }
        guard await give(up: error, delivery.envelope, place, lane, attempts: 0, parked: nil) else { return }
        return delivery.finish()
      }
    }
  }

  /// Handles what is parked at a place, in order, up to the first that is not due or fails.
  private func takeUp(_ place: Lane.Place, _ lane: Lane) async {
    let name = reactions[place.reaction].name
    var failures = 0
    while !isStopped {
      do {
        let now = time.now
        guard let head = try await database.read({ [inbox] in try inbox.firstParked(name, place.aggregate, in: $0) }) else {
          return lane.noteEmpty(place)
        }
        // What found the lane full was parked at once, perhaps before what is still in the lane failed.
        if lane.holds(place, before: head.envelope.sequence) { return retry(place) }
        if let due = head.due, due > now {
          try await database.write { [inbox] in try inbox.queueUp(behind: head.position, name, place.aggregate, in: $0) }
          return
        }
        // Several processes on one database host the service: one of them takes it up, and for so long that it ends in that time.
        if database.engine == .postgres {
          let end = now + .seconds(30) * max(1, time.speed)
          guard try await database.write({ [inbox] in try inbox.lease(head, until: end, in: $0) }) else { return }
        }
        do {
          try await react(to: head.envelope, place.reaction, unparking: head.position, isRepeated: true)
        } catch is CancellationError {
          return
        } catch {
          let isOver = await give(up: error, head.envelope, place, lane, attempts: head.attempts, parked: head.position)
          if !isOver { return }
        }
      } catch {
        failures += 1
        await pause(failures)
      }
    }
  }

  /// Runs the reaction's body and marks the event as handled, in the order its kind wants.
  private func react(to envelope: Envelope, _ index: Int, unparking position: Int?, isRepeated: Bool) async throws {
    let name = reactions[index].name
    switch reactions[index].kind {
    case .inTransaction(let prepare):
      let change = try Self.asSystem(envelope) { try prepare(envelope) }
      try await database.write { [inbox] transaction in
        if let position { try inbox.unpark(position, in: transaction) }
        if try inbox.mark(envelope.id, name, in: transaction) { try Self.asSystem(envelope) { try change(transaction) } }
      }
    case .calling(let body):
      // Only what may have been delivered before is looked up: the body bears repetition, this saves it.
      let isHandled = isRepeated ? try await database.read { [inbox] in try inbox.isMarked(envelope.id, name, in: $0) } : false
      if !isHandled {
        try await Caller.$current.withValue(.system) {
          try await CallContext.$correlationID.withValue(envelope.correlationID) { try await body(envelope) }
        }
      }
      try await database.write { [inbox] transaction in
        if let position { try inbox.unpark(position, in: transaction) }
        _ = try inbox.mark(envelope.id, name, in: transaction)
      }
    case .onEveryNode: break
    }
  }

  /// Parks an event that failed for another time, or buries it; true when the events behind it may go on.
  ///
  /// - Parameter parked: its position when it is parked already. A new one is parked or buried in any case when this is true.
  private func give(up error: any Error, _ envelope: Envelope, _ place: Lane.Place, _ lane: Lane, attempts: Int, parked position: Int?) async -> Bool
  {
    let name = reactions[place.reaction].name
    let count = isPassing(error) ? min(attempts + 1, self.attempts - 1) : attempts + 1
    let metadata: Logger.Metadata = [
      "reaction": "\(service).\(name)", "event": "\(envelope.name)", "aggregate": "\(envelope.aggregate)", "attempts": "\(count)", "error": "\(error)"
    ]
    // An event that cannot be read will not be readable later.
    if count >= self.attempts || error is InvalidInput {
      logger.error("an event is given up and lies among the dead letters", metadata: metadata)
      let now = time.now
      return await persistently { [inbox] transaction in
        if let position { try inbox.unpark(position, in: transaction) }
        try inbox.bury(envelope, name, attempts: count, reason: "\(error)", at: now, in: transaction)
      }
    }
    logger.warning("a reaction failed and will be tried again", metadata: metadata)
    let due = time.now + backoff.pause(after: count, random: ids.random())
    lane.noteParked(place)
    guard let position else {
      guard await park(envelope, place, attempts: count, due: due, error: "\(error)") else { return false }
      retries.set()
      return true
    }
    _ = await persistently { [inbox] in try inbox.postpone(position, attempts: count, due: due, error: "\(error)", in: $0) }
    retries.set()
    return false
  }

  private func park(_ envelope: Envelope, _ place: Lane.Place, attempts: Int, due: Instant?, error: String?) async -> Bool {
    let name = reactions[place.reaction].name
    let now = time.now
    defer { if due == nil { retries.set() } }
    return await persistently { [inbox] transaction in
      // What comes again after a crash may be through already.
      if try inbox.isMarked(envelope.id, name, in: transaction) { return }
      var due = due
      // Another process may have finished what this one parked before it.
      if due == nil, try inbox.firstParked(name, envelope.aggregate, in: transaction) == nil { due = now }
      try inbox.park(envelope, name, attempts: attempts, due: due, error: error, in: transaction)
    }
  }

  // MARK: What is parked

  /// Learns what was parked by an earlier run; before the first event comes, which may have to wait behind it.
  public func prepare() async throws {
    let now = time.now
    for place in try await database.write({ [inbox] in try inbox.parkedPlaces(at: now, in: $0) }) {
      guard let index = index(of: place.reaction) else { continue }
      lane(index, place.aggregate).noteParked(Lane.Place(reaction: index, aggregate: place.aggregate))
    }
  }

  /// The reaction of that name that keeps an inbox; nil when the program has none any more.
  private func index(of name: String) -> Int? {
    reactions.firstIndex { reaction in
      if case .onEveryNode = reaction.kind { return false }
      return reaction.name == name
    }
  }

  /// Takes up what is parked when it is due.
  func takeUpParked() async {
    var nextWake = time.now
    while !isStopped {
      do {
        let now = time.now
        if database.engine == .postgres, now >= nextWake {
          nextWake = now + .seconds(60)
          try await database.write { [inbox] in try inbox.wakeHeads(at: now, in: $0) }
        }
        let (due, next) = try await database.read { [inbox] in (try inbox.due(at: now, limit: 1000, in: $0), try inbox.nextDue(in: $0)) }
        for place in due {
          guard let index = index(of: place.reaction) else { continue }
          retry(Lane.Place(reaction: index, aggregate: place.aggregate))
        }
        // Those just taken up are still due in the table: look again only after a while, or when one of them failed.
        let pause = due.isEmpty ? next.map { max($0.since(now), .milliseconds(10)) } : .seconds(1)
        await retries.wait(atMost: min(pause ?? .seconds(60), .seconds(60)), on: time)
      } catch is CancellationError {
        return
      } catch {
        logger.warning("parked events wait", metadata: ["service": "\(service)", "error": "\(error)"])
        await pause(1)
      }
    }
  }

  /// Parks what a full lane did not take.
  func parkOverflow() async {
    while !isStopped {
      await overflows.wait()
      let items = overflow.withLock { items in
        defer { items = [] }
        return items
      }
      if items.isEmpty { continue }
      let now = time.now
      let isWritten = await persistently { [inbox, reactions] transaction in
        for (reaction, delivery) in items where try !inbox.isMarked(delivery.envelope.id, reactions[reaction].name, in: transaction) {
          try inbox.park(delivery.envelope, reactions[reaction].name, attempts: 0, due: now, error: nil, in: transaction)
        }
      }
      guard isWritten else { return }
      for (reaction, delivery) in items {
        let aggregate = delivery.envelope.aggregate
        lane(reaction, aggregate).noteOverflowParked(Lane.Place(reaction: reaction, aggregate: aggregate))
        delivery.finish()
      }
      retries.set()
    }
  }

  /// Writes, however long it takes until the database can; false when the subscriber stops before.
  private func persistently(_ body: @escaping @Sendable (any Transaction) throws -> Void) async -> Bool {
    var failures = 0
    while !isStopped {
      do {
        try await database.write(body)
        return true
      } catch {
        failures += 1
        logger.error("the inbox cannot be written", metadata: ["service": "\(service)", "error": "\(error)"])
        await pause(failures)
      }
    }
    return false
  }

  private func pause(_ failures: Int) async {
    let pause = Backoff(first: .milliseconds(100), most: .seconds(5)).pause(after: failures, random: ids.random())
    try? await time.sleep(for: pause)
  }

  private static func asSystem<Value>(_ envelope: Envelope, _ body: () throws -> Value) throws -> Value {
    try Caller.$current.withValue(.system) { try CallContext.$correlationID.withValue(envelope.correlationID, operation: body) }
  }
}
