import CLibRdKafka
public import Messaging
public import ServiceKit
import Synchronization
import Wire

/// Events over Kafka: a topic for each topic, keyed by the tenant, a consumer group for each service that hears, its offsets
/// committed once the service has handled what came before.
public final class KafkaBus: Bus {
  /// What may be chosen about it.
  public struct Options: Sendable {
    /// Put before every name on the broker, so that several installations can share it.
    public var namespace: String
    /// Into how many partitions a topic is made.
    public var partitions: Int
    /// How many events of one service are delivered ahead of what it is done with.
    public var prefetch: Int
    /// How long an event that cannot be read waits before it is tried again.
    public var retryPause: Duration
    /// How often that is tried before it is a dead letter of the broker.
    public var attempts: Int
    /// After how much silence the group gives a member's partitions to others.
    public var sessionTimeout: Duration
    /// How long `open` tries.
    public var patience: Duration

    public init(
      namespace: String = "", partitions: Int = 3, prefetch: Int = 512, retryPause: Duration = .seconds(30), attempts: Int = 5,
      sessionTimeout: Duration = .seconds(6), patience: Duration = .seconds(15)
    ) {
      self.namespace = namespace
      self.partitions = partitions
      self.prefetch = prefetch
      self.retryPause = retryPause
      self.attempts = attempts
      self.sessionTimeout = sessionTimeout
      self.patience = patience
    }

    func group(_ service: String) -> String { "\(namespace)\(service)" }

    /// `order-events`, `payment-events` and so on.
    func topic(_ topic: Topic) -> String {
      let word = topic.rawValue.hasSuffix("s") ? String(topic.rawValue.dropLast()) : topic.rawValue
      return "\(namespace)\(word)-events"
    }

    /// Ours, then what the address says, which wins.
    func settings(_ address: KafkaAddress, _ more: [String: String]) -> [String: String] {
      let own = [
        "bootstrap.servers": address.servers, "client.id": "tiffin", "reconnect.backoff.ms": "50", "reconnect.backoff.max.ms": "1000",
        "socket.keepalive.enable": "true", "topic.metadata.refresh.interval.ms": "10000"
      ]
      return own.merging(more) { $1 }.merging(address.settings) { $1 }
    }
  }

  private let address: KafkaAddress
  private let options: Options
  private let subscriptions = Mutex<[Subscription]>([])
  private let state = Mutex<(producer: KafkaProducer, consumers: [KafkaConsumer])?>(nil)

  public init(_ address: KafkaAddress, _ options: Options = Options()) {
    self.address = address
    self.options = options
  }

  /// The version of librdkafka that is loaded, such as `2.0.2`.
  public static var libraryVersion: String { String(cString: rd_kafka_version_str()) }

  public func subscribe(_ subscription: Subscription) { subscriptions.withLock { $0.append(subscription) } }

  public func open() async throws {
    let wanted = subscriptions.withLock { $0 }
    let lasting = wanted.filter { !$0.isEveryNode }
    let here = wanted.filter(\.isEveryNode)
    let own = lasting.flatMap { ["\(options.group($0.name)).retry", "\(options.group($0.name)).dead"] }
    let producer = KafkaProducer(address, options, topics: Topic.allCases.map(options.topic) + own)
    state.withLock { $0 = (producer, []) }
    let end = ContinuousClock.now + options.patience
    producer.start()
    try await wait(until: end, for: address.servers) { producer.health.isUp }
    var consumers = lasting.map { KafkaConsumer(address, options, group: options.group($0.name), [$0], producer: producer) }
    if !here.isEmpty { consumers.append(KafkaConsumer(address, options, group: nil, here, producer: producer)) }
    let all = consumers
    state.withLock { $0 = (producer, all) }
    for consumer in all { consumer.start() }
    // What a group missed it gets once it has its partitions; a node has to be there for what comes from now on.
    try await wait(until: end, for: address.servers) { all.allSatisfy { $0.group != nil || $0.health.isUp } }
  }

  public func probe() async throws {
    let problem = await BlockingThread.result("kafka-probe") { [address, options] () -> Unavailable? in
      do throws(Unavailable) {
        let handle = try KafkaHandle(RD_KAFKA_PRODUCER, options.settings(address, [:]), KafkaListener())
        return handle.isReached(within: .seconds(5)) ? nil : Unavailable("no broker answers")
      } catch { return error }
    }
    if let problem { throw Unavailable("Kafka at \(address.servers): \(problem)") }
  }

  public func close() async {
    guard let (producer, consumers) = state.withLock({ $0 }) else { return }
    await withTaskGroup(of: Void.self) { group in for consumer in consumers { group.addTask { await consumer.stop() } } }
    await producer.stop()
  }

  public func publish(_ batch: [Envelope], isRepeated: Bool, confirm: @escaping @Sendable (EventID) -> Void) async throws {
    guard let producer = state.withLock({ $0 })?.producer else { throw Unavailable("the bus is not open") }
    producer.send(
      batch.map { envelope in
        Outgoing(
          topic: options.topic(envelope.topic), key: envelope.tenant.map { "\($0)" } ?? envelope.aggregate, id: "\(envelope.id)",
          type: envelope.name, aggregate: envelope.aggregate, isRepeated: isRepeated, body: encode(envelope)
        ) { confirm(envelope.id) }
      })
  }

  public var status: BusStatus {
    guard let (producer, consumers) = state.withLock({ $0 }) else { return BusStatus(broker: "Kafka", [], lag: [:], unconfirmed: 0) }
    var lag: [String: Int] = [:]
    for consumer in consumers { if let group = consumer.group { lag[String(group.dropFirst(options.namespace.count))] = consumer.lag } }
    return BusStatus(broker: "Kafka", [producer.health] + consumers.map(\.health), lag: lag, unconfirmed: producer.unconfirmed)
  }
}
