import Logging
public import Messaging
public import ServiceKit
import Synchronization
import Wire

/// Events over Amazon SQS: a FIFO queue for each service and topic, a group for each aggregate, every event sent to each queue of
/// its topic.
public final class SQSBus: Bus {
  /// What may be chosen about it.
  public struct Options: Sendable {
    /// Put before every queue's name, so that several installations can share an account.
    public var namespace: String
    /// How many events of one service and topic are delivered ahead of what it is done with.
    public var prefetch: Int
    /// How long a message is hidden from others before the hiding is renewed.
    public var visibility: Duration
    /// How long a request waits for messages.
    public var longPoll: Duration
    /// How often it is looked which queues there are.
    public var refresh: Duration
    /// How long an event that cannot be read waits before it is tried again.
    public var retryPause: Duration
    /// How often that is tried before it is a dead letter.
    public var attempts: Int
    /// How often a message is delivered, each consumer dying with it, before it is a dead letter.
    public var deliveries: Int
    /// How long `open` tries.
    public var patience: Duration

    public init(
      namespace: String = "", prefetch: Int = 512, visibility: Duration = .seconds(30), longPoll: Duration = .seconds(3),
      refresh: Duration = .seconds(3), retryPause: Duration = .seconds(30), attempts: Int = 5, deliveries: Int = 20, patience: Duration = .seconds(10)
    ) {
      self.namespace = namespace
      self.prefetch = prefetch
      self.visibility = visibility
      self.longPoll = longPoll
      self.refresh = refresh
      self.retryPause = retryPause
      self.attempts = attempts
      self.deliveries = deliveries
      self.patience = patience
    }

    /// Queue names take letters, digits, - and _ only.
    var prefix: String {
      String(namespace.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "-" }) + (namespace.isEmpty ? "tiffin-" : "")
    }
  }

  private struct Running {
    var consumers: [SQSConsumer] = []
    var intakes: [Task<Void, Never>] = []
    var tasks: [Task<Void, Never>] = []
    var nodeQueues: [String] = []
    var isOpen = false
  }

  private let client: SQSClient
  private let queues: SQSQueues
  private let publisher: SQSPublisher
  private let options: Options
  private let subscriptions = Mutex<[Subscription]>([])
  private let running = Mutex(Running())

  public init(_ address: SQSAddress, _ options: Options = Options()) {
    self.options = options
    client = SQSClient(address)
    queues = SQSQueues(client, options)
    publisher = SQSPublisher(client, queues)
  }

  public func subscribe(_ subscription: Subscription) { subscriptions.withLock { $0.append(subscription) } }

  public func open() async throws {
    let end = ContinuousClock.now + options.patience
    while true {
      do {
        try await queues.refresh()
        break
      } catch {
        if ContinuousClock.now > end || error is SQSClient.Refused {
          await client.shutdown()
          throw Unavailable("\(error)")
        }
        try? await Task.sleep(for: .milliseconds(200))
      }
    }
    let node = String(UInt64.random(in: 0...UInt64.max), radix: 36)
    var consumers: [SQSConsumer] = []
    var isNew = false
    do {
      for subscription in subscriptions.withLock({ $0 }) {
        for topic in subscription.topics.sorted(by: { $0.rawValue < $1.rawValue }) {
          let owner = subscription.isEveryNode ? "node_\(node)_\(subscription.name)" : subscription.name
          let known = Set(queues.urls(of: topic))
          let url = try await queues.create(owner, topic, isEveryNode: subscription.isEveryNode)
          if subscription.isEveryNode { running.withLock { $0.nodeQueues.append(url) } }
          if !known.contains(url) { isNew = true }
          consumers.append(SQSConsumer(subscription, url: url, client, queues, options))
        }
      }
      try await queues.refresh()
    } catch {
      await client.shutdown()
      throw Unavailable("\(error)")
    }
    // Whoever publishes looks again within this time, slow answers counted in: then nothing goes by a queue that is there.
    if isNew { try? await Task.sleep(for: options.refresh * 3) }
    start(consumers)
  }

  private func start(_ consumers: [SQSConsumer]) {
    let intakes = consumers.map { consumer in Task { await consumer.run() } }
    let tasks = [
      Task { [publisher] in await publisher.run() },
      Task { [queues, options, publisher] in
        while !Task.isCancelled {
          try? await Task.sleep(for: options.refresh)
          do { try await queues.refresh() } catch { if !Task.isCancelled { publisher.health.noteAway("\(error)") } }
        }
      }
    ]
    running.withLock { running in
      running.consumers = consumers
      running.intakes = intakes
      running.tasks = tasks
      running.isOpen = true
    }
  }

  public func probe() async throws {
    do { try await queues.refresh() } catch {
      await client.shutdown()
      throw Unavailable("\(error)")
    }
    await client.shutdown()
  }

  public func close() async {
    let closing = running.withLock { running in
      defer { running = Running() }
      return running
    }
    guard closing.isOpen else { return }
    let end = ContinuousClock.now + .seconds(2)
    while publisher.unconfirmed > 0, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(10)) }
    for consumer in closing.consumers { consumer.stop() }
    for intake in closing.intakes { await intake.value }
    for task in closing.tasks { task.cancel() }
    for task in closing.tasks { await task.value }
    for url in closing.nodeQueues { try? await queues.delete(url) }
    await client.shutdown()
  }

  public func publish(_ batch: [Envelope], isRepeated: Bool, confirm: @escaping @Sendable (EventID) -> Void) async throws {
    publisher.send(
      batch.map { envelope in
        SQSPublisher.Outgoing(
          topic: envelope.topic, id: envelope.id, aggregate: envelope.aggregate, isRepeated: isRepeated, body: encode(envelope), confirm: confirm)
      })
  }

  public var status: BusStatus {
    let (consumers, isOpen) = running.withLock { ($0.consumers, $0.isOpen) }
    var lag: [String: Int] = [:]
    for consumer in consumers where !consumer.subscription.isEveryNode { lag[consumer.subscription.name, default: 0] += consumer.lag }
    return BusStatus(broker: "SQS", isOpen ? [publisher.health] + consumers.map(\.health) : [], lag: lag, unconfirmed: publisher.unconfirmed)
  }
}
