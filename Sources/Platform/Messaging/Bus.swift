public import ServiceKit

/// What carries events from the outbox of one service to the subscribers of all.
public protocol Bus: Sendable {
  /// Takes a batch, in order.
  ///
  /// - Parameters:
  ///   - isRepeated: whether the events may have been delivered before, by a run of this program that ended.
  ///   - confirm: called with each event once it cannot be lost any more: a broker has it on disk, or every subscriber in this
  ///     process has handled it or parked it. Events that are never confirmed are published again by the next run.
  func publish(_ batch: [Envelope], isRepeated: Bool, confirm: @escaping @Sendable (EventID) -> Void) async throws

  /// Delivers from now on to the subscription too; only before `open`.
  func subscribe(_ subscription: Subscription)

  /// Whether anybody may hear events of this name: those that nobody hears need not be written.
  func hears(_ event: String) -> Bool

  /// Connects to the broker and sees to it that what the subscriptions need is there; then deliveries begin.
  ///
  /// From then on the bus reconnects by itself.
  /// - Throws: `Unavailable` when the broker cannot be reached or refuses, after some tries.
  func open() async throws

  /// Looks whether the broker is there and lets this process in, and changes nothing on it; instead of `open`.
  ///
  /// - Throws: `Unavailable` when it does not.
  func probe() async throws

  /// Tells the broker what was handled so far, and ends the connections; what was not handled is delivered again some other time.
  func close() async

  /// How the bus is.
  var status: BusStatus { get }
}

extension Bus {
  /// Nobody knows who listens to a broker.
  public func hears(_ event: String) -> Bool { true }
  public func open() async throws {}
  public func probe() async throws {}
  public func close() async {}
  public var status: BusStatus { BusStatus(broker: "in process", isUp: true) }

  /// Waits until all is there that `open` promises.
  ///
  /// - Throws: `Unavailable` with the place and the problem when that takes too long; the bus is closed then.
  public func wait(until end: ContinuousClock.Instant, for place: String, _ isThere: () -> Bool) async throws {
    while !isThere() {
      if ContinuousClock.now > end || Task.isCancelled {
        let (broker, problem) = (status.broker, status.problem)
        await close()
        throw Unavailable("\(broker) at \(place): \(problem)")
      }
      try? await Task.sleep(for: .milliseconds(10))
    }
  }
}

/// How a bus is, for health and metrics.
public struct BusStatus: Sendable, Hashable {
  /// Such as `RabbitMQ`.
  public var broker: String
  /// Whether events can be handed over and come.
  public var isUp: Bool
  /// Why it is not up, or empty.
  public var problem: String
  /// Since when it is up, or not; nil where that cannot change.
  public var since: ContinuousClock.Instant?
  /// How many events wait in the broker, by durable subscription.
  public var lag: [String: Int]
  /// How many events were handed over that the broker has not confirmed.
  public var unconfirmed: Int

  public init(broker: String, isUp: Bool, problem: String = "", since: ContinuousClock.Instant? = nil, lag: [String: Int] = [:], unconfirmed: Int = 0)
  {
    self.broker = broker
    self.isUp = isUp
    self.problem = problem
    self.since = since
    self.lag = lag
    self.unconfirmed = unconfirmed
  }
}

/// One service that hears events.
public struct Subscription: Sendable {
  /// Takes a batch and calls `done` with each event of it, once it is handled or parked.
  public typealias Deliver = @Sendable (_ batch: [Envelope], _ isRepeated: Bool, _ done: @escaping @Sendable (EventID) -> Void) -> Void

  /// The service's name: on a broker, the queue or consumer group that all its instances share.
  public let name: String
  public let events: Set<String>
  /// Where those events travel.
  public let topics: Set<Topic>
  /// Whether every node gets every event from now on and none from before, rather than one node each event ever.
  public let isEveryNode: Bool
  /// Takes a batch without waiting for its reactions, and calls `done` with each event once it is handled or parked.
  public let deliver: Deliver
  /// Told where every node gets every event, when this one may have missed some, after it hears them again.
  public let missed: @Sendable () -> Void

  public init(
    _ name: String, events: Set<String>, topics: Set<Topic> = Set(Topic.allCases), isEveryNode: Bool = false,
    missed: @escaping @Sendable () -> Void = {}, deliver: @escaping Deliver
  ) {
    self.name = name
    self.events = events
    self.topics = topics
    self.isEveryNode = isEveryNode
    self.missed = missed
    self.deliver = deliver
  }
}
