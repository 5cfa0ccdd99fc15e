import Kernel
import Logging
public import Persistence
import Resilience
public import ServiceKit
import Synchronization

/// Runs the reactions of one service to the events that the bus delivers.
///
/// Reactions on every node run at once, within `deliver`. The others run in lanes: events of one aggregate one after the other,
/// those of different aggregates beside each other, and a reaction that calls others in lanes of its own, so that it holds up
/// nobody else. What fails is parked on disk, with what follows it of the same aggregate, and tried again later and later; after
/// `attempts` failures it is put among the dead letters. Being unavailable is no failure: that is tried without end.
public final class Subscriber: Sendable {
  let service: String
  let database: any Database
  let time: TimeSource
  let ids: IdentifierSource
  let attempts: Int
  let inbox: Inbox
  let reactions: [Reaction]
  let logger = Logger(label: "tiffin.reactions")
  let backoff = Backoff(first: .seconds(1), most: .seconds(300))
  let retries = Signal()
  let overflows = Signal()
  let overflow = Mutex<[(reaction: Int, delivery: Delivery)]>([])
  private let isStopping = Atomic(false)
  private let missed: @Sendable () -> Void

  /// By the event's name, the reactions that keep an inbox, and those on every node.
  private let lasting: [String: [Int]]
  private let here: [String: [Int]]
  /// For each reaction its lanes; all that run in transactions share theirs.
  private let lanes: [[Lane]]
  private let started: AsyncStream<Lane>
  private let starter: AsyncStream<Lane>.Continuation

  /// - Parameters:
  ///   - attempts: after how many failures an event is given up.
  ///   - missed: told when reactions on every node may have missed events.
  public init(
    service: String, reactions: [Reaction], database: any Database, time: TimeSource, ids: IdentifierSource, attempts: Int = 8,
    missed: @escaping @Sendable () -> Void = {}
  ) {
    self.missed = missed
    self.service = service
    self.reactions = reactions
    self.database = database
    self.time = time
    self.ids = ids
    self.attempts = attempts
    inbox = Inbox(service: service)
    // One writer takes all transactions of SQLite: few lanes make few large ones.
    let shared = (0..<(database.engine == .sqlite ? 2 : 8)).map { _ in Lane(bound: .max) }
    lanes = reactions.map { reaction in
      switch reaction.kind {
      case .inTransaction: shared
      case .calling: (0..<16).map { _ in Lane(bound: 64) }
      case .onEveryNode: []
      }
    }
    var lasting: [String: [Int]] = [:]
    var here: [String: [Int]] = [:]
    for (index, reaction) in reactions.enumerated() {
      for event in reaction.events {
        if reaction.isOnEveryNode { here[event, default: []].append(index) } else { lasting[event, default: []].append(index) }
      }
    }
    self.lasting = lasting
    self.here = here
    (started, starter) = AsyncStream.makeStream()
  }

  /// What it wants from the bus: for this node what all get, then for the service what one of its nodes gets.
  public var subscriptions: [Subscription] {
    [true, false].compactMap { isEveryNode in
      let wanted = reactions.filter { $0.isOnEveryNode == isEveryNode }
      if wanted.isEmpty { return nil }
      return Subscription(
        service, events: wanted.reduce(into: []) { $0.formUnion($1.events) }, topics: wanted.reduce(into: []) { $0.formUnion($1.topics) },
        isEveryNode: isEveryNode, missed: missed
      ) { [self] batch, isRepeated, done in
        if isEveryNode { deliverHere(batch, done) } else { deliver(batch, isRepeated: isRepeated, done: done) }
      }
    }
  }

  /// Runs the lanes until `stop`; what is parked is taken up first.
  public func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.takeUpParked() }
      group.addTask { await self.parkOverflow() }
      for await lane in started { group.addTask { await self.work(lane) } }
    }
  }

  /// Finishes what is in hand and ends `run`; what waits in the lanes comes again with the next run.
  public func stop() {
    isStopping.store(true, ordering: .releasing)
    starter.finish()
    retries.set()
    overflows.set()
  }

  var isStopped: Bool { isStopping.load(ordering: .acquiring) || Task.isCancelled }

  /// Looks for parked events that were put back.
  public func wake() { retries.set() }

  private func deliver(_ batch: [Envelope], isRepeated: Bool, done: @escaping @Sendable (EventID) -> Void) {
    for envelope in batch {
      guard let interested = lasting[envelope.name] else {
        done(envelope.id)
        continue
      }
      let delivery = Delivery(envelope, isRepeated: isRepeated, reactions: interested.count, done: done)
      for index in interested { push(delivery, to: index) }
    }
  }

  private func deliverHere(_ batch: [Envelope], _ done: @Sendable (EventID) -> Void) {
    for envelope in batch {
      for index in here[envelope.name] ?? [] {
        if case .onEveryNode(let body) = reactions[index].kind { runHere(reactions[index], body, envelope) }
      }
      done(envelope.id)
    }
  }

  private func runHere(_ reaction: Reaction, _ body: (Envelope) throws -> Void, _ envelope: Envelope) {
    do {
      try Caller.$current.withValue(.system) { try CallContext.$correlationID.withValue(envelope.correlationID) { try body(envelope) } }
    } catch {
      logger.error(
        "a reaction in memory failed",
        metadata: ["reaction": "\(service).\(reaction.name)", "event": "\(envelope.name)", "aggregate": "\(envelope.aggregate)", "error": "\(error)"])
    }
  }

  private func push(_ delivery: Delivery, to reaction: Int) {
    let lane = lane(reaction, delivery.envelope.aggregate)
    switch lane.push(reaction, delivery) {
    case .queued: break
    case .starts: starter.yield(lane)
    case .overflows:
      overflow.withLock { $0.append((reaction, delivery)) }
      overflows.set()
    }
  }

  func retry(_ place: Lane.Place) {
    let lane = lane(place.reaction, place.aggregate)
    if case .starts = lane.pushRetry(place) { starter.yield(lane) }
  }

  func lane(_ reaction: Int, _ aggregate: String) -> Lane {
    lanes[reaction][Int((StableHash.of(aggregate) >> 17) % UInt64(lanes[reaction].count))]
  }
}
