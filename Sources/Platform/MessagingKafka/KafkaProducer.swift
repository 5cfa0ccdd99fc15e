import CLibRdKafka
import Glibc
import Logging
import Messaging
import Resilience
import ServiceKit
import Synchronization

/// One message on its way to the broker.
struct Outgoing: Sendable {
  var topic: String
  var key: String?
  var id: String?
  var type: String?
  var aggregate: String?
  var reason: String?
  var attempts = 0
  var due = 0
  var isRepeated = false
  var body: [UInt8]
  /// Called once the broker has it.
  var confirm: @Sendable () -> Void
}

/// Hands messages to the brokers in order, once each as far as they can tell, on a thread of its own.
///
/// What is not confirmed when the client fails for good is sent again by the next one, before anything newer.
final class KafkaProducer: Sendable {
  private struct State {
    var waiting: [Outgoing] = []
    var unconfirmed = 0
    var isStopping = false
  }

  private let state = Mutex(State())
  private let address: KafkaAddress
  private let options: KafkaBus.Options
  private let topics: [String]
  private let waker = Waker()
  let health: LinkHealth
  private let logger = Logger(label: "tiffin.kafka")
  private let thread = Mutex<BlockingThread?>(nil)

  init(_ address: KafkaAddress, _ options: KafkaBus.Options, topics: [String]) {
    self.address = address
    self.options = options
    self.topics = topics
    health = LinkHealth(
      logger, up: "Kafka takes events", away: "Kafka is away; events wait in the outbox", metadata: ["brokers": "\(address.servers)"])
  }

  var unconfirmed: Int { state.withLock { $0.waiting.count + $0.unconfirmed } }

  func send(_ messages: [Outgoing]) {
    state.withLock { $0.waiting += messages }
    waker.wake()
  }

  func start() { thread.withLock { $0 = BlockingThread("kafka-producer") { self.run() } } }

  /// Gives what was sent a moment to be confirmed, and ends.
  func stop() async {
    state.withLock { $0.isStopping = true }
    waker.wake()
    await thread.withLock { $0 }?.ended()
  }

  // MARK: The thread

  private final class Reports: KafkaListener {
    /// Sent and not confirmed, by serial number.
    var open: [Int: Outgoing] = [:]
    var failure: String?
    var isDown = false
    var reason = ""

    override func reported(_ serial: Int, _ code: rd_kafka_resp_err_t) {
      if code == RD_KAFKA_RESP_ERR_NO_ERROR {
        open.removeValue(forKey: serial)?.confirm()
        isDown = false
      } else if failure == nil {
        failure = String(cString: rd_kafka_err2str(code))
      }
    }

    override func failed(_ code: rd_kafka_resp_err_t, _ reason: String, isFatal: Bool) {
      if isFatal { failure = reason }
      if code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN { isDown = true }
      self.reason = reason
    }
  }

  private func run() {
    var backlog: [Outgoing] = []
    var failures = 0
    let backoff = Backoff(first: .milliseconds(100), most: .seconds(2))
    while true {
      let reports = Reports()
      do {
        let handle = try KafkaHandle(
          RD_KAFKA_PRODUCER,
          options.settings(
            address,
            [
              "enable.idempotence": "true", "acks": "all", "linger.ms": "2", "message.timeout.ms": "0", "queue.buffering.max.kbytes": "65536",
              "compression.type": "none"
            ]), reports)
        try prepare(handle)
        health.noteUp()
        failures = 0
        try carry(handle, reports, &backlog)
        return health.noteClosed()
      } catch {
        health.noteAway(error.reason)
        failures += 1
        var open = reports.open.sorted { $0.key < $1.key }.map(\.value)
        for index in open.indices { open[index].isRepeated = true }
        backlog = open + backlog
        let count = backlog.count
        let isStopping = state.withLock { state in
          state.unconfirmed = count
          return state.isStopping
        }
        if isStopping { return }
        waker.wait(atMost: backoff.pause(after: failures, random: UInt64.random(in: 0...UInt64.max)))
      }
    }
  }

  private func prepare(_ handle: KafkaHandle) throws(Unavailable) {
    guard handle.isReached(within: .seconds(3)) else { throw Unavailable("no broker answers at \(address.servers)") }
    try handle.createTopics(topics, partitions: options.partitions)
  }

  private func carry(_ handle: KafkaHandle, _ reports: Reports, _ backlog: inout [Outgoing]) throws(Unavailable) {
    let queue = rd_kafka_queue_get_main(handle.kafka)
    defer { rd_kafka_queue_destroy(queue) }
    var byte: UInt8 = 1
    rd_kafka_queue_io_event_enable(queue, waker.descriptor, &byte, 1)
    defer { rd_kafka_queue_io_event_enable(queue, -1, nil, 0) }
    var serial = 0
    var patience: ContinuousClock.Instant?
    while true {
      let isStopping = state.withLock { state in
        backlog += state.waiting
        state.waiting = []
        state.unconfirmed = backlog.count + reports.open.count
        return state.isStopping
      }
      if isStopping {
        let end = patience ?? ContinuousClock.now + .seconds(2)
        patience = end
        if (backlog.isEmpty && reports.open.isEmpty) || ContinuousClock.now > end {
          rd_kafka_purge(handle.kafka, Int32(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT))
          return
        }
      }
      var sent = 0
      for message in backlog {
        serial += 1
        let code = produce(message, serial, handle)
        if code == RD_KAFKA_RESP_ERR__QUEUE_FULL { break }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw Unavailable(String(cString: rd_kafka_err2str(code))) }
        reports.open[serial] = message
        sent += 1
      }
      backlog.removeFirst(sent)
      rd_kafka_poll(handle.kafka, 0)
      if let failure = reports.failure { throw Unavailable(failure) }
      if reports.isDown {
        health.noteAway(reports.reason)
        if handle.isReached(within: .milliseconds(500)) {
          reports.isDown = false
          health.noteUp()
        }
      }
      waker.wait(atMost: isStopping || !backlog.isEmpty ? .milliseconds(20) : .milliseconds(500))
      rd_kafka_poll(handle.kafka, 0)
    }
  }

  private func produce(_ message: Outgoing, _ serial: Int, _ handle: KafkaHandle) -> rd_kafka_resp_err_t {
    let copies = [message.topic, message.id, message.type, message.aggregate, message.reason].map { $0.map { strdup($0) } ?? nil }
    defer { for copy in copies { free(copy) } }
    var wanted = tiffin_kafka_message()
    wanted.topic = UnsafePointer(copies[0])
    wanted.id = UnsafePointer(copies[1])
    wanted.type = UnsafePointer(copies[2])
    wanted.aggregate = UnsafePointer(copies[3])
    wanted.reason = UnsafePointer(copies[4])
    wanted.attempts = Int64(message.attempts)
    wanted.due_milliseconds = Int64(message.due)
    wanted.is_repeated = message.isRepeated ? 1 : 0
    wanted.opaque = UnsafeMutableRawPointer(bitPattern: serial)
    var key = message.key ?? ""
    return key.withUTF8 { key in
      message.body.withUnsafeBytes { body in
        if message.key != nil {
          wanted.key = UnsafeRawPointer(key.baseAddress)
          wanted.key_length = key.count
        }
        wanted.body = body.baseAddress
        wanted.length = body.count
        return tiffin_kafka_produce(handle.kafka, &wanted)
      }
    }
  }
}
