import Logging
public import Messaging
public import ServiceKit
import Synchronization
import Wire

/// Events over RabbitMQ: a topic exchange for each topic, a durable quorum queue for each service that hears, confirmed and
/// acknowledged both ways.
public final class RabbitMQBus: Bus {
  /// What may be chosen about it.
  public struct Options: Sendable {
    /// Put before every name on the broker, so that several installations can share it.
    public var namespace: String
    /// How many events are sent ahead of the broker's confirms.
    public var window: Int
    /// How many events of one service are delivered ahead of its acknowledgements.
    public var prefetch: Int
    /// How long an event that cannot be read waits before it is tried again.
    public var retryPause: Duration
    /// How often that is tried before it is a dead letter of the broker.
    public var attempts: Int
    /// How often an event is delivered, each consumer dying with it, before it is a dead letter of the broker.
    public var deliveries: Int
    /// How long `open` tries.
    public var patience: Duration

    public init(
      namespace: String = "", window: Int = 256, prefetch: Int = 512, retryPause: Duration = .seconds(30), attempts: Int = 5, deliveries: Int = 20,
      patience: Duration = .seconds(10)
    ) {
      self.namespace = namespace
      self.window = window
      self.prefetch = prefetch
      self.retryPause = retryPause
      self.attempts = attempts
      self.deliveries = deliveries
      self.patience = patience
    }

    func exchange(_ topic: Topic) -> String { "\(namespace)\(topic.rawValue)_exchange" }
    func queue(_ service: String) -> String { "\(namespace)\(service)_queue" }
  }

  private let address: RabbitMQAddress
  private let options: Options
  private let publisher: RabbitMQPublisher
  private let subscriptions = Mutex<[Subscription]>([])
  private let consumer: Consumer

  /// The consumer, once the bus is open.
  private final class Consumer: Sendable {
    private let value = Mutex<RabbitMQConsumer?>(nil)
    var current: RabbitMQConsumer? { value.withLock { $0 } }
    func start(_ consumer: RabbitMQConsumer) {
      value.withLock { $0 = consumer }
      consumer.start()
    }
  }

  public init(_ address: RabbitMQAddress, _ options: Options = Options()) {
    self.address = address
    self.options = options
    let consumer = Consumer()
    self.consumer = consumer
    publisher = RabbitMQPublisher(address, exchanges: Topic.allCases.map(options.exchange), window: options.window) {
      consumer.current?.health.isUp ?? false
    }
  }

  public func subscribe(_ subscription: Subscription) { subscriptions.withLock { $0.append(subscription) } }

  public func open() async throws {
    publisher.start()
    consumer.start(RabbitMQConsumer(address, options, subscriptions.withLock { $0 }, publisher: publisher))
    try await wait(until: .now + options.patience, for: address.place) { status.isUp }
  }

  public func probe() async throws {
    let problem = await BlockingThread.result("rabbitmq-probe") { [address] () -> Unavailable? in
      do throws(Unavailable) {
        try RabbitMQLink(address, name: "tiffin probe").close()
        return nil
      } catch { return error }
    }
    if let problem { throw Unavailable("RabbitMQ at \(address.place): \(problem)") }
  }

  public func close() async {
    await consumer.current?.stop()
    await publisher.stop()
  }

  public func publish(_ batch: [Envelope], isRepeated: Bool, confirm: @escaping @Sendable (EventID) -> Void) async throws {
    publisher.send(
      batch.map { envelope in
        Outgoing(
          exchange: options.exchange(envelope.topic), key: envelope.name, id: "\(envelope.id)", type: envelope.name,
          correlation: envelope.correlationID, aggregate: envelope.aggregate, isRepeated: isRepeated, body: encode(envelope)
        ) { confirm(envelope.id) }
      })
  }

  public var status: BusStatus {
    guard let consumer = consumer.current else { return BusStatus(broker: "RabbitMQ", [], lag: [:], unconfirmed: publisher.unconfirmed) }
    return BusStatus(broker: "RabbitMQ", [publisher.health, consumer.health], lag: consumer.lag, unconfirmed: publisher.unconfirmed)
  }
}
