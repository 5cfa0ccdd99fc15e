import Hosting
import Messaging
import MessagingKafka
import MessagingRabbitMQ
import MessagingSQS
import Observability
import ServiceKit
import Settings

/// What carries events between the services of an installation.
struct BusChoice {
  private enum Kind {
    case inProcess
    case rabbitMQ(RabbitMQAddress, RabbitMQBus.Options)
    case kafka(KafkaAddress, KafkaBus.Options)
    case sqs(SQSAddress, SQSBus.Options)
  }

  private let kind: Kind

  /// - Throws: `SettingsFault` naming the setting that is wrong.
  init(_ settings: SettingsSource) throws {
    let url = settings.text(
      "bus.url", default: "", isSecret: true,
      "What carries events: amqp://user:password@host/vhost, kafka://host:9092,host:9092, sqs://host?region=R, or empty: one process's memory.")
    let namespace = settings.text("bus.namespace", default: "", "Put before every name on the broker, so that several installations can share it.")
    let window = try settings.integer(
      "bus.confirmWindow", default: 256, within: 1...10_000, "How many events are sent ahead of what RabbitMQ has confirmed.")
    let prefetch = try settings.integer(
      "bus.prefetch", default: 512, within: 1...10_000, "How many events of one service are delivered ahead of what it has handled.")
    let partitions = try settings.integer("bus.partitions", default: 3, within: 1...1000, "Into how many partitions a Kafka topic is made.")
    let pause = try settings.duration(
      "bus.retrySeconds", default: 30, within: 1...86_400,
      "How long an event that this version cannot read waits on the broker before it tries again.")
    let attempts = try settings.integer(
      "bus.attempts", default: 5, within: 1...100, "How often an event that cannot be read is tried before it is a dead letter of the broker.")
    let patience = try settings.duration("bus.connectSeconds", default: 10, within: 1...600, "How long the start waits for the broker.")
    if url.isEmpty {
      kind = .inProcess
    } else if url.hasPrefix("amqp"), let address = RabbitMQAddress(url) {
      kind = .rabbitMQ(
        address,
        .init(namespace: namespace, window: window, prefetch: prefetch, retryPause: pause, attempts: attempts, patience: patience))
    } else if let address = KafkaAddress(url) {
      kind = .kafka(
        address,
        .init(namespace: namespace, partitions: partitions, prefetch: prefetch, retryPause: pause, attempts: attempts, patience: patience))
    } else if let address = SQSAddress(url) {
      kind = .sqs(address, .init(namespace: namespace, prefetch: prefetch, retryPause: pause, attempts: attempts, patience: patience))
    } else {
      // Not as it was given: it may hold a password.
      let scheme = url.split(separator: ":", maxSplits: 1).first ?? ""
      throw SettingsFault(
        name: "bus.url",
        problem: """
          must be amqp://user:password@host:5672/vhost, amqps://..., kafka://host:port,host:port, sqs://KEY:SECRET@host?region=REGION, or be empty; \
          this \(scheme) address is none of them
          """)
    }
  }

  /// Makes the bus; it connects when the process does.
  func open() -> Opened<any Bus> {
    switch kind {
    case .inProcess: return Opened(InProcessBus())
    case .rabbitMQ(let address, let options): return measured(RabbitMQBus(address, options))
    case .kafka(let address, let options): return measured(KafkaBus(address, options))
    case .sqs(let address, let options): return measured(SQSBus(address, options))
    }
  }

  /// Looks whether the broker is there, and answers which it is; nil when there is none to look for.
  func probe() async throws -> String? {
    if case .inProcess = kind { return nil }
    let bus = open().value
    try await bus.probe()
    return bus.status.broker
  }

  /// Connects the process to its broker.
  ///
  /// - Throws: `CommandFault` in one line that says what to do when the broker is not there.
  static func connect(_ process: ServiceProcess) async throws {
    do { try await process.connect() } catch { throw CommandFault("setting bus.url: \(error); start the broker, or name another") }
  }

  private func measured(_ bus: any Bus) -> Opened<any Bus> {
    Metrics.shared.gauge("tiffin_bus_up", help: "Whether the broker takes and delivers events.") { bus.status.isUp ? 1 : 0 }
    Metrics.shared.gauge("tiffin_bus_unconfirmed_events", help: "Events handed over that the broker has not confirmed.") {
      Double(bus.status.unconfirmed)
    }
    for service in ServiceChoice.all.map({ $0.name }) {
      Metrics.shared.gauge("tiffin_bus_lag_events", help: "Events that wait in the broker for a service.", ["service": service]) {
        Double(bus.status.lag[service] ?? 0)
      }
    }
    return Opened(bus)
  }
}
