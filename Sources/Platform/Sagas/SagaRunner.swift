import Kernel
import Logging
public import Persistence
import Resilience
public import ServiceKit
import Synchronization
import Wire

/// Runs the sagas of one service, and takes up after a crash those that it finds unfinished.
///
/// A row stands for a saga under way and goes with the transaction that ends it: begun and ended in one committing step, a saga
/// costs two writes. Sagas that this process is running are not taken up a second time by it, and those of another process only once
/// that one is dead; should it not be, it finds its saga taken over and writes nothing more of it.
public struct SagaRunner: Sendable {
  private final class Running: Sendable {
    private let ids = Mutex<Set<String>>([])
    func enter(_ id: String) -> Bool { ids.withLock { $0.insert(id).inserted } }
    func leave(_ id: String) { ids.withLock { _ = $0.remove(id) } }
  }

  private let store: SagaStore
  private let database: any Database
  private let time: TimeSource
  private let quickPauses: [Duration]
  private let running = Running()
  private let logger = Logger(label: "tiffin.sagas")
  private let backoff = Backoff(first: .seconds(2), most: .seconds(300))
  /// After so many failures a compensation is reported as an error each time; it is tried on all the same.
  private let patience = 20

  /// - Parameter quickPauses: the pauses before a step that met `Unavailable` is tried again at once, before the saga waits.
  public init(
    service: String, database: any Database, time: TimeSource, quickPauses: [Duration] = [.milliseconds(50), .milliseconds(250), .seconds(1)]
  ) {
    store = SagaStore(service: service, instance: database.peers.instance)
    self.database = database
    self.time = time
    self.quickPauses = quickPauses
  }

  /// The table of a service's sagas.
  public static func migrations(for service: String) -> [Migration] { SagaStore.migrations(for: service) }

  /// Records the saga as begun, in one transaction with `begin`, then performs its steps.
  ///
  /// A step's `Unavailable` is tried again quickly a few times, then the outcome is `waiting` and `resume` goes on with it.
  ///
  /// - Parameters:
  ///   - id: unique among the sagas of this name; a saga that exists already is not begun again, but gone on with.
  ///   - done: how many of the first steps `begin` does itself; they are not performed, but they are undone.
  /// - Throws: what `begin` throws, and then nothing was begun; `CancellationError` when the task was cancelled on the way, and
  ///   then `resume` goes on with it.
  public func run<State>(
    _ saga: Saga<State>, id: String, state: State, done: Int = 0, begin: @escaping @Sendable (any Transaction) throws -> Void
  ) async throws -> SagaOutcome<State> {
    let key = "\(saga.name)/\(id)"
    guard running.enter(key) else { return .waiting(state, because: Unavailable("it is under way", retryAfterSeconds: 1)) }
    defer { running.leave(key) }
    let encoded = encode(state)
    let now = time.now
    let entry = try await database.write { [store] transaction -> SagaStore.Entry in
      if try store.add(saga.name, id, encoded, step: done, at: now, in: transaction) {
        try begin(transaction)
        return SagaStore.Entry(id: id, step: done, direction: .forward, state: encoded, attempts: 0, owner: store.instance)
      }
      guard let entry = try store.find(saga.name, id, in: transaction) else { throw CorruptRow("saga \(key) is there and is not") }
      return entry
    }
    guard try await own(saga.name, entry) else {
      return .waiting(state, because: Unavailable("it is under way in another process", retryAfterSeconds: 1))
    }
    do { return try await goOn(saga, entry) } catch is SagaTakenOver {
      return .waiting(state, because: Unavailable("another process goes on with it", retryAfterSeconds: 1))
    }
  }

  /// Makes the saga this process's own, unless that of another one which lives.
  private func own(_ name: String, _ entry: SagaStore.Entry) async throws -> Bool {
    if entry.owner == store.instance { return true }
    if let owner = entry.owner, try await database.peers.isAlive(owner) { return false }
    return try await database.write { [store] in try store.claim(name, entry.id, from: entry.owner, in: $0) }
  }

  /// Goes on with every unfinished saga of this name that is due; the module calls it from a job and at start.
  public func resume<State>(_ saga: Saga<State>) async throws {
    let now = time.now
    var others: [String] = []
    for owner in try await database.read({ [store] in try store.owners(saga.name, at: now, in: $0) }) where owner != store.instance {
      if try await database.peers.isAlive(owner) { others.append(owner) }
    }
    let living = others
    let due = try await database.read { [store] in try store.due(saga.name, at: now, notWith: living, limit: 256, in: $0) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, entry) in due.enumerated() {
        if index >= 8 { try await group.next() }
        group.addTask { try await takeUp(saga, entry.id) }
      }
      try await group.waitForAll()
    }
  }

  private func takeUp<State>(_ saga: Saga<State>, _ id: String) async throws {
    let key = "\(saga.name)/\(id)"
    guard running.enter(key) else { return }
    defer { running.leave(key) }
    // Read again: between the list and this moment it may have ended.
    guard let entry = try await database.read({ [store] in try store.find(saga.name, id, in: $0) }) else { return }
    guard try await own(saga.name, entry) else { return }
    do { _ = try await goOn(saga, entry) } catch let taken as SagaTakenOver {
      logger.warning("a saga was taken over", metadata: ["saga": "\(key)", "error": "\(taken)"])
    } catch let error as InvalidInput {
      logger.error("a saga's state cannot be read; it is kept", metadata: ["saga": "\(key)", "error": "\(error)"])
      try await wait(saga.name, entry, because: error)
    }
  }

  // MARK: The two directions

  private func goOn<State>(_ saga: Saga<State>, _ entry: SagaStore.Entry) async throws -> SagaOutcome<State> {
    let state = try decode(State.self, from: entry.state)
    switch entry.direction {
    case .forward: return try await forward(saga, entry, state)
    case .back: return try await back(saga, entry, state, because: SagaFailed(reason: entry.lastError ?? ""))
    }
  }

  private func forward<State>(_ saga: Saga<State>, _ start: SagaStore.Entry, _ initial: State) async throws -> SagaOutcome<State> {
    var entry = start
    var state = initial
    for index in start.step..<max(start.step, saga.steps.count) {
      let step = saga.steps[index]
      do {
        let current = state
        let progress = try await quickly { try await step.perform(current) }
        state = progress.state
        try await record(saga, index, progress, &entry)
      } catch is CancellationError {
        throw CancellationError()
      } catch let taken as SagaTakenOver {
        throw taken
      } catch  where isPassing(error) {
        try await wait(saga.name, entry, because: error)
        return .waiting(state, because: error)
      } catch {
        entry.direction = .back
        entry.step = index
        entry.attempts = 0
        entry.lastError = "\(error)"
        try await save(saga.name, entry)
        return try await back(saga, entry, state, because: error)
      }
    }
    return .finished(state)
  }

  /// Writes what a step left behind, where anything must be on disk before the next.
  private func record<State>(_ saga: Saga<State>, _ index: Int, _ progress: Saga<State>.Progress, _ entry: inout SagaStore.Entry) async throws {
    let isLast = index + 1 == saga.steps.count
    let encoded = encode(progress.state)
    // A step that can be undone is never begun before it is on disk that it may have been. Others may simply be performed again.
    let isNextUndoable = !isLast && saga.steps[index + 1].compensate != nil
    guard isLast || isNextUndoable || progress.commit != nil || encoded != entry.state else { return }
    var next = entry
    next.step = index + 1
    next.state = encoded
    next.attempts = 0
    next.lastError = nil
    let now = time.now
    let (saved, commit) = (next, progress.commit)
    try await quickly {
      try await database.write { [store] transaction in
        try commit?(transaction)
        if isLast {
          try store.remove(saga.name, saved.id, in: transaction)
        } else {
          try store.save(saga.name, saved, due: now, at: now, in: transaction)
        }
      }
    }
    entry = next
  }

  private func back<State>(_ saga: Saga<State>, _ start: SagaStore.Entry, _ initial: State, because reason: any Error) async throws -> SagaOutcome<
    State
  > {
    var entry = start
    var state = initial
    var isOnDisk = true
    for index in stride(from: min(start.step, saga.steps.count - 1), through: 0, by: -1) {
      guard let compensate = saga.steps[index].compensate else { continue }
      entry.step = index
      do {
        let current = state
        let progress = try await quickly { try await compensate(current) }
        let isFinal = !saga.steps[..<index].contains { $0.compensate != nil }
        var next = entry
        next.step = index - 1
        next.state = encode(progress.state)
        next.attempts = 0
        let now = time.now
        let (saved, commit) = (next, progress.commit)
        try await quickly {
          try await database.write { [store] transaction in
            try commit?(transaction)
            if isFinal {
              try store.remove(saga.name, saved.id, in: transaction)
            } else {
              try store.save(saga.name, saved, due: now, at: now, in: transaction)
            }
          }
        }
        isOnDisk = !isFinal
        state = progress.state
        entry = next
      } catch is CancellationError {
        throw CancellationError()
      } catch let taken as SagaTakenOver {
        throw taken
      } catch {
        let level: Logger.Level = entry.attempts >= patience ? .error : .warning
        logger.log(
          level: level, "a compensation failed and will be tried again",
          metadata: [
            "saga": "\(saga.name)/\(entry.id)", "step": "\(saga.steps[index].name)", "attempts": "\(entry.attempts + 1)", "error": "\(error)"
          ])
        try await wait(saga.name, entry, because: reason)
        return .waiting(state, because: error)
      }
    }
    if isOnDisk {
      let id = entry.id
      try await database.write { [store] in try store.remove(saga.name, id, in: $0) }
    }
    return .undone(state, because: reason)
  }

  // MARK: Trying again

  /// Tries again at once, a few times, what cannot be had for a moment.
  private func quickly<Value>(_ body: () async throws -> Value) async throws -> Value {
    for pause in quickPauses {
      do { return try await body() } catch  where isPassing(error) { try await time.sleep(for: pause) }
    }
    return try await body()
  }

  private func save(_ name: String, _ entry: SagaStore.Entry) async throws {
    let now = time.now
    try await database.write { [store] in try store.save(name, entry, due: now, at: now, in: $0) }
  }

  /// Leaves the saga for later; when not even that can be written, it stays due as it is.
  private func wait(_ name: String, _ entry: SagaStore.Entry, because error: any Error) async throws {
    var entry = entry
    entry.attempts += 1
    entry.lastError = "\(error)"
    let now = time.now
    // Jitter out of the saga itself, so that the same run gives the same times.
    let random = StableHash.of(entry.id) &* UInt64(2 * entry.attempts + 1)
    let due = now + backoff.pause(after: entry.attempts, random: random)
    let saved = entry
    do { try await database.write { [store] in try store.save(name, saved, due: due, at: now, in: $0) } } catch let unavailable as Unavailable {
      logger.warning("a saga that waits could not be recorded", metadata: ["saga": "\(name)/\(entry.id)", "error": "\(unavailable)"])
    }
  }
}

/// Why a saga that is being undone after a restart was given up: the words are all that is left of the error.
public struct SagaFailed: Error, CustomStringConvertible {
  public let reason: String
  public var description: String { reason }
}
