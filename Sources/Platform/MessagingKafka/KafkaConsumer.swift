import CLibRdKafka
import Glibc
import Kernel
import Logging
import Messaging
import Resilience
import ServiceKit
import Synchronization
import Wire

/// Delivers what a consumer group is assigned to the subscription of one service, and commits what it is done with, on a thread
/// of its own. Without a group it is one node's: it gets everything from its start on, for several subscriptions at once.
final class KafkaConsumer: Sendable {
  private struct State {
    var isStopping = false
    var lag = 0
  }

  /// The consumer group's name; nil for what every node hears.
  let group: String?
  private let state = Mutex(State())
  private let address: KafkaAddress
  private let options: KafkaBus.Options
  private let subscriptions: [Subscription]
  private let producer: KafkaProducer
  let health: LinkHealth
  private let logger = Logger(label: "tiffin.kafka")
  private let thread = Mutex<BlockingThread?>(nil)

  init(_ address: KafkaAddress, _ options: KafkaBus.Options, group: String?, _ subscriptions: [Subscription], producer: KafkaProducer) {
    self.address = address
    self.options = options
    self.group = group
    self.subscriptions = subscriptions
    self.producer = producer
    health = LinkHealth(
      logger, up: "Kafka delivers events", level: .debug, away: "Kafka is away; no events come",
      metadata: ["group": "\(group ?? "of this node")", "brokers": "\(address.servers)"])
  }

  var lag: Int { state.withLock { $0.lag } }

  func start() { thread.withLock { $0 = BlockingThread("kafka-\(group ?? "node")") { self.run() } } }

  /// Stops taking events, commits what was handled so far, and ends; another member of the group goes on with the rest.
  func stop() async {
    state.withLock { $0.isStopping = true }
    await thread.withLock { $0 }?.ended()
  }

  // MARK: The thread

  private func run() {
    var failures = 0
    var isAgain = false
    let backoff = Backoff(first: .milliseconds(100), most: .seconds(2))
    while !state.withLock({ $0.isStopping }) {
      let hand = ConsumerHand()
      do {
        let handle = try open(hand)
        hand.handle = handle.kafka
        defer { hand.handle = nil }
        failures = 0
        // A node begins at the end, and what was published while it was not there it never hears.
        if isAgain, group == nil { for subscription in subscriptions { subscription.missed() } }
        isAgain = true
        try carry(handle, hand)
        hand.commit(waits: true)
        leave(handle, hand)
        return health.noteClosed()
      } catch {
        health.noteAway(error.reason)
        failures += 1
        sleep(for: backoff.pause(after: failures, random: UInt64.random(in: 0...UInt64.max)))
      }
    }
  }

  /// Leaves the group in order. Who is only joining it joins first: a member that vanishes in between holds up the others.
  private func leave(_ handle: KafkaHandle, _ hand: ConsumerHand) {
    let limit = ContinuousClock.now + .seconds(5)
    while group != nil, !hand.isAssigned, !hand.isDown, ContinuousClock.now < limit {
      if let message = rd_kafka_consumer_poll(handle.kafka, 20) { rd_kafka_message_destroy(message) }
    }
    rd_kafka_consumer_close(handle.kafka)
  }

  private func sleep(for pause: Duration) {
    let end = ContinuousClock.now + pause
    while ContinuousClock.now < end, !state.withLock({ $0.isStopping }) { Waker().wait(atMost: .milliseconds(20)) }
  }

  private func open(_ hand: ConsumerHand) throws(Unavailable) -> KafkaHandle {
    var settings = [
      "enable.auto.commit": "false", "enable.auto.offset.store": "false", "queued.min.messages": "2000", "queued.max.messages.kbytes": "4096",
      "fetch.wait.max.ms": "100", "isolation.level": "read_uncommitted", "session.timeout.ms": "\(Int(options.sessionTimeout.milliseconds))",
      "heartbeat.interval.ms": "1000", "partition.assignment.strategy": "roundrobin",
      // Where the broker has lost what a node would read next, the node begins anew, and tells so.
      "auto.offset.reset": group == nil ? "error" : "earliest"
    ]
    // Once it has fetched enough ahead librdkafka waits a second before it fetches on; before 2.2 it cannot be told, and fetches more instead.
    if rd_kafka_version() >= 0x0202_0000 {
      settings["fetch.queue.backoff.ms"] = "5"
    } else {
      settings["queued.min.messages"] = "5000"
      settings["queued.max.messages.kbytes"] = "8192"
    }
    settings["group.id"] = group ?? "\(options.namespace)node-\(UInt64.random(in: 0...UInt64.max))"
    let handle = try KafkaHandle(RD_KAFKA_CONSUMER, options.settings(address, settings), hand)
    hand.handle = handle.kafka
    rd_kafka_poll_set_consumer(handle.kafka)
    var topics = Set(subscriptions.flatMap(\.topics)).map(options.topic).sorted()
    guard let group else {
      try assignAll(topics, handle, hand)
      return handle
    }
    topics.append("\(group).retry")
    let code = withPartitions(topics.map { (KafkaPlace(topic: $0, partition: RD_KAFKA_PARTITION_UA), 0) }) { rd_kafka_subscribe(handle.kafka, $0) }
    if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw Unavailable(String(cString: rd_kafka_err2str(code))) }
    return handle
  }

  /// Takes every partition from its end.
  private func assignAll(_ topics: [String], _ handle: KafkaHandle, _ hand: ConsumerHand) throws(Unavailable) {
    var places: [(place: KafkaPlace, offset: Int64)] = []
    for topic in topics {
      guard let count = handle.partitions(of: topic), count > 0 else { throw Unavailable("topic \(topic) is not there") }
      for partition in 0..<Int32(count) {
        var first: Int64 = 0
        var end: Int64 = 0
        // The very offset: "the end" would be looked up when the first event of this node may have passed already.
        let code = rd_kafka_query_watermark_offsets(handle.kafka, topic, partition, &first, &end, 5000)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw Unavailable(String(cString: rd_kafka_err2str(code))) }
        places.append((KafkaPlace(topic: topic, partition: partition), end))
      }
    }
    let code = withPartitions(places) { rd_kafka_assign(handle.kafka, $0) }
    if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw Unavailable(String(cString: rd_kafka_err2str(code))) }
    // The answer to a fetch tells the end more surely than the question for it, which not every broker answers right.
    let limit = ContinuousClock.now + .seconds(5)
    while hand.begins.count < places.count {
      if ContinuousClock.now > limit || state.withLock({ $0.isStopping }) { throw Unavailable("the ends of the topics cannot be learnt") }
      if let message = rd_kafka_consumer_poll(handle.kafka, 20) { rd_kafka_message_destroy(message) }
      for (place, _) in places where hand.begins[place] == nil {
        var first: Int64 = 0
        var end: Int64 = 0
        let code = rd_kafka_get_watermark_offsets(handle.kafka, place.topic, place.partition, &first, &end)
        if code == RD_KAFKA_RESP_ERR_NO_ERROR, end >= 0 { hand.begins[place] = end }
      }
    }
    hand.assign(places.map(\.place))
    hand.isAssigned = true
    health.noteUp()
  }

  private func carry(_ handle: KafkaHandle, _ hand: ConsumerHand) throws(Unavailable) {
    var nextCommit = ContinuousClock.now
    var nextCount = ContinuousClock.now
    while !state.withLock({ $0.isStopping }) {
      takeIn(handle, hand)
      if let problem = hand.problem { throw Unavailable(problem) }
      let now = ContinuousClock.now
      if group != nil {
        tryAgain(hand)
        if now >= nextCommit {
          hand.commit(waits: false)
          nextCommit = now + .milliseconds(100)
        }
      }
      if hand.isDown {
        health.noteAway(hand.reason)
        if handle.isReached(within: .milliseconds(500)) { hand.isDown = false }
      } else if hand.isAssigned {
        health.noteUp()
      }
      if now >= nextCount {
        nextCount = now + .seconds(2)
        count(handle, hand)
      }
    }
  }

  /// Stops fetching while the subscriber stays behind with what it has in hand, and goes on when it has less.
  ///
  /// To begin again costs librdkafka a second: who is full for a moment is only not given more.
  private func regulate(_ handle: KafkaHandle, _ hand: ConsumerHand) {
    let open = hand.open
    let now = ContinuousClock.now
    hand.fullSince = open < options.prefetch ? nil : hand.fullSince ?? now
    let places = hand.places.map { (place: $0, offset: Int64(0)) }
    if !hand.isPaused, let since = hand.fullSince, since.duration(to: now) > .seconds(1) {
      hand.isPaused = withPartitions(places) { rd_kafka_pause_partitions(handle.kafka, $0) } == RD_KAFKA_RESP_ERR_NO_ERROR
    } else if hand.isPaused, open < options.prefetch / 2 {
      hand.isPaused = withPartitions(places) { rd_kafka_resume_partitions(handle.kafka, $0) } != RD_KAFKA_RESP_ERR_NO_ERROR
    }
  }

  private func takeIn(_ handle: KafkaHandle, _ hand: ConsumerHand) {
    var batches = emptyBatches
    var count = 0
    hand.countHandled()
    if group != nil { regulate(handle, hand) }
    if hand.fullSince != nil, !hand.isPaused {
      usleep(1000)
      return
    }
    let room = group == nil ? 256 : max(1, min(256, options.prefetch - hand.open))
    var handled = hand.handled
    // While it is polled partitions may be taken away, and others given: what came before is not ours any more.
    func forgetWhatWasTaken() {
      if hand.handled === handled { return }
      handled = hand.handled
      batches = emptyBatches
    }
    while count < room, let message = rd_kafka_consumer_poll(handle.kafka, count == 0 ? 20 : 0) {
      defer { rd_kafka_message_destroy(message) }
      forgetWhatWasTaken()
      guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
        if group == nil, [RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE].contains(message.pointee.err) {
          hand.problem = "the broker no longer holds what comes next"
        }
        continue
      }
      count += 1
      guard let partition = hand.partition(of: message) else { continue }
      take(message, Origin(partition: partition, offset: message.pointee.offset), hand, &batches)
    }
    forgetWhatWasTaken()
    deliver(batches, hand)
  }

  private func deliver(_ batches: [Batch], _ hand: ConsumerHand) {
    for (index, batch) in batches.enumerated() where !batch.envelopes.isEmpty {
      guard group != nil else {
        subscriptions[index].deliver(batch.envelopes, batch.isRepeated) { _ in }
        continue
      }
      let open = OpenOffsets(batch.origins, hand.handled)
      subscriptions[index].deliver(batch.envelopes, batch.isRepeated) { open.done($0) }
    }
  }

  private var emptyBatches: [Batch] { subscriptions.map { _ in Batch() } }

  /// What is delivered together.
  private struct Batch {
    var envelopes: [Envelope] = []
    var origins = Origins()
    var isRepeated = false
  }

  private func take(_ message: UnsafePointer<rd_kafka_message_t>, _ origin: Origin, _ hand: ConsumerHand, _ batches: inout [Batch]) {
    if group == nil, origin.offset < hand.begins[hand.places[origin.partition]] ?? 0 { return }
    var headers = tiffin_kafka_headers()
    tiffin_kafka_read_headers(message, &headers)
    if group != nil { note(origin, hand) }
    let body = UnsafeRawBufferPointer(start: message.pointee.payload, count: message.pointee.len)
    if headers.due_milliseconds > 0 {
      return hand.putOff.append((Int(headers.due_milliseconds), origin, Int(headers.attempts), Array(body)))
    }
    let name = headers.type.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: headers.type_length), as: UTF8.self) }
    if let name, !subscriptions.contains(where: { $0.events.contains(name) }) { return hand.handled.add(origin) }
    do throws(InvalidInput) {
      let envelope = try decode(Envelope.self, from: body)
      add(envelope, origin, isRepeated: headers.is_repeated != 0, hand, &batches)
    } catch {
      putOff(Array(body), error, attempts: 0, origin, hand)
    }
  }

  private func note(_ origin: Origin, _ hand: ConsumerHand) {
    if hand.progress[origin.partition].repeatedBelow == nil, let handle = hand.handle {
      // Kafka does not tell what was delivered before: what this member finds when it begins may have been.
      var first: Int64 = 0
      var end: Int64 = 0
      let place = hand.places[origin.partition]
      let isKnown = rd_kafka_get_watermark_offsets(handle, place.topic, place.partition, &first, &end) == RD_KAFKA_RESP_ERR_NO_ERROR
      hand.progress[origin.partition].repeatedBelow = isKnown ? end : origin.offset + 1
    }
    hand.progress[origin.partition].deliver(origin.offset)
  }

  private func add(_ envelope: Envelope, _ origin: Origin, isRepeated: Bool, _ hand: ConsumerHand, _ batches: inout [Batch]) {
    var isHeard = false
    for (index, subscription) in subscriptions.enumerated() where subscription.events.contains(envelope.name) {
      isHeard = true
      batches[index].envelopes.append(envelope)
      batches[index].origins.add(origin, of: envelope.id)
      if isRepeated || origin.offset < hand.progress[origin.partition].repeatedBelow ?? 0 { batches[index].isRepeated = true }
    }
    if !isHeard { hand.handled.add(origin) }
  }

  /// What cannot be read is tried again later, as another version of the program may then read it, and given up in the end.
  private func putOff(_ body: [UInt8], _ error: InvalidInput, attempts: Int, _ origin: Origin, _ hand: ConsumerHand) {
    guard let group else { return }
    let place = hand.places[origin.partition]
    let isOver = attempts + 1 >= options.attempts
    logger.error(
      isOver ? "an event that nobody can read lies in the broker's dead letters" : "an event cannot be read and is put off",
      metadata: ["topic": "\(place.topic)", "offset": "\(origin.offset)", "error": "\(error)", "attempts": "\(attempts + 1)"])
    producer.send([
      Outgoing(
        topic: isOver ? "\(group).dead" : "\(group).retry", key: "\(place.topic)/\(place.partition)", reason: "\(error)", attempts: attempts + 1,
        due: isOver ? 0 : Self.now + Int(options.retryPause.milliseconds), body: body
      ) { [handled = hand.handled] in handled.add(origin) }
    ])
  }

  private func tryAgain(_ hand: ConsumerHand) {
    if hand.putOff.isEmpty { return }
    let now = Self.now
    let due = hand.putOff.filter { $0.due <= now }
    if due.isEmpty { return }
    hand.putOff.removeAll { $0.due <= now }
    var batches = emptyBatches
    for item in due {
      do throws(InvalidInput) {
        add(try decode(Envelope.self, from: item.body), item.origin, isRepeated: true, hand, &batches)
      } catch {
        putOff(item.body, error, attempts: item.attempts, item.origin, hand)
      }
    }
    deliver(batches, hand)
  }

  private func count(_ handle: KafkaHandle, _ hand: ConsumerHand) {
    guard group != nil else { return }
    var lag = 0
    for (place, progress) in zip(hand.places, hand.progress) {
      var first: Int64 = 0
      var end: Int64 = 0
      // Of what was fetched last; asks nobody.
      guard rd_kafka_get_watermark_offsets(handle.kafka, place.topic, place.partition, &first, &end) == RD_KAFKA_RESP_ERR_NO_ERROR, end > 0,
        let next = progress.next
      else { continue }
      lag += max(0, Int(end - next))
    }
    let counted = lag
    state.withLock { $0.lag = counted }
  }

  /// Milliseconds of the machine's clock, which messages carry between processes.
  private static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}
