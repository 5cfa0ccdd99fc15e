import CLibRabbitMQ
import Kernel
import Logging
import Messaging
import Resilience
import ServiceKit
import Synchronization
import Wire

/// Delivers what the broker's queues hold to the subscriptions, and acknowledges what they are done with, on a thread and
/// connection of its own.
final class RabbitMQConsumer: Sendable {
  private struct State {
    var isStopping = false
    var lag: [String: Int] = [:]
  }

  private let state = Mutex(State())
  private let address: RabbitMQAddress
  private let options: RabbitMQBus.Options
  private let subscriptions: [Subscription]
  private let publisher: RabbitMQPublisher
  private let waker = Waker()
  let health: LinkHealth
  private let logger = Logger(label: "tiffin.rabbitmq")
  private let thread = Mutex<BlockingThread?>(nil)

  init(_ address: RabbitMQAddress, _ options: RabbitMQBus.Options, _ subscriptions: [Subscription], publisher: RabbitMQPublisher) {
    self.address = address
    self.options = options
    self.subscriptions = subscriptions
    self.publisher = publisher
    health = LinkHealth(
      logger, up: "RabbitMQ delivers events", away: "RabbitMQ is away; no events come", metadata: ["broker": "\(address.place)"])
  }

  var lag: [String: Int] { state.withLock { $0.lag } }

  func start() { thread.withLock { $0 = BlockingThread("rabbitmq-consumer") { self.run() } } }

  /// Acknowledges what was handled so far, and ends; what was not handled goes back to its queue.
  func stop() async {
    state.withLock { $0.isStopping = true }
    waker.wake()
    await thread.withLock { $0 }?.ended()
  }

  // MARK: The thread

  private func run() {
    if subscriptions.isEmpty { return health.noteUp() }
    var failures = 0
    var isAgain = false
    var young: Set<String> = []
    let backoff = Backoff(first: .milliseconds(100), most: .seconds(2))
    while !state.withLock({ $0.isStopping }) {
      do {
        let link = try RabbitMQLink(address, name: "tiffin consumer")
        let intakes = try declare(link, &young)
        health.noteUp()
        failures = 0
        // The queues of this node went with the connection: what was published until they were bound again is not in them.
        if isAgain { for subscription in subscriptions where subscription.isEveryNode { subscription.missed() } }
        isAgain = true
        try carry(link, intakes)
        link.close()
        return health.noteClosed()
      } catch {
        health.noteAway(error.reason)
        failures += 1
        waker.wait(atMost: backoff.pause(after: failures, random: UInt64.random(in: 0...UInt64.max)))
      }
    }
  }

  /// Makes exchanges, queues and bindings, as far as they are not there, and begins to consume.
  ///
  /// - Parameter young: the queues made here of which it is not sure yet that the broker keeps them; those left by a connection that
  ///   broke are made anew.
  private func declare(_ link: RabbitMQLink, _ young: inout Set<String>) throws(Unavailable) -> [Intake] {
    try link.open(1)
    for topic in Topic.allCases { try link.declareExchange(options.exchange(topic)) }
    for name in young.sorted() {
      logger.warning("a queue was made just before RabbitMQ went away, and is made anew", metadata: ["queue": "\(name)"])
      try link.delete(name)
      young.remove(name)
    }
    var intakes: [Intake] = []
    for (index, subscription) in subscriptions.enumerated() {
      let channel = UInt16(index + 2)
      let name: String
      if subscription.isEveryNode {
        name = try link.declare(.init(isExclusive: true))
      } else {
        name = options.queue(subscription.name)
        try make(.init(name: "\(name).dead"), over: link, &young)
        try make(.init(name: "\(name).retry", timeToLive: options.retryPause, deadKey: name), over: link, &young)
        // One consumer at a time, and the next when it goes: else two instances would handle events of one aggregate at once.
        try make(
          .init(name: name, isSingleActive: true, deliveryLimit: options.deliveries, deadKey: "\(name).dead"), over: link, &young)
      }
      intakes.append(Intake(subscription, queue: name, channel: channel, handled: Handled(waker)))
    }
    try settle(&young, over: link)
    for intake in intakes {
      for topic in intake.subscription.topics.sorted(by: { $0.rawValue < $1.rawValue }) {
        for event in intake.subscription.events.sorted() { try link.bind(intake.queue, to: options.exchange(topic), event) }
      }
      try link.open(intake.channel, prefetch: options.prefetch)
    }
    for intake in intakes {
      do { try link.consume(intake.queue, intake.channel, isAcknowledged: !intake.subscription.isEveryNode) } catch {
        // Not done here: in a cluster that lost most of its nodes for a while it is whole, and what it holds would be gone with it.
        throw Unavailable(
          "queue \(intake.queue) is not served (\(error.reason)); when the broker has lost it for good: rabbitmqctl delete_queue \(intake.queue)")
      }
    }
    return intakes
  }

  private func make(_ queue: RabbitMQLink.Queue, over link: RabbitMQLink, _ young: inout Set<String>) throws(Unavailable) {
    if let name = queue.name, try !link.has(name) { young.insert(name) }
    try link.declare(queue)
  }

  /// RabbitMQ 3.10 writes down that it has a quorum queue when it makes the next, or seconds later: one that is killed in between
  /// knows the queue's name and cannot serve it. A queue is therefore only bound when another one was made after it.
  private func settle(_ young: inout Set<String>, over link: RabbitMQLink) throws(Unavailable) {
    if young.isEmpty { return }
    let last = "\(options.namespace)last-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    young.insert(last)
    try link.declare(.init(name: last))
    try link.delete(last)
    young = []
  }

  private func carry(_ link: RabbitMQLink, _ intakes: [Intake]) throws(Unavailable) {
    var nextCount = ContinuousClock.now
    while true {
      if state.withLock({ $0.isStopping }) {
        for intake in intakes { try intake.acknowledge(link) }
        return
      }
      // Awake at least once a second: the library sends its heartbeats when it is called.
      waker.wait(for: link.socket, atMost: .seconds(1))
      var isMore = true
      while isMore {
        isMore = try takeIn(link, intakes, upTo: 256)
        for intake in intakes { try intake.acknowledge(link) }
        if state.withLock({ $0.isStopping }) { break }
      }
      if ContinuousClock.now >= nextCount {
        nextCount = .now + .seconds(5)
        var lag: [String: Int] = [:]
        for intake in intakes where !intake.subscription.isEveryNode { lag[intake.subscription.name] = try link.count(intake.queue) + intake.open }
        let counted = lag
        state.withLock { $0.lag = counted }
      }
    }
  }

  /// Takes what has come and delivers it; true when more may be there.
  private func takeIn(_ link: RabbitMQLink, _ intakes: [Intake], upTo most: Int) throws(Unavailable) -> Bool {
    var count = 0
    while count < most, let event = try link.next() {
      count += 1
      guard event.kind == Int32(TIFFIN_AMQP_DELIVERY), intakes.indices.contains(Int(event.channel) - 2) else { continue }
      let intake = intakes[Int(event.channel) - 2]
      let body = UnsafeRawBufferPointer(start: event.body, count: event.length)
      do throws(InvalidInput) {
        let envelope = try decode(Envelope.self, from: body)
        intake.add(envelope, event.tag, isRepeated: event.is_redelivered != 0 || event.is_repeated != 0)
      } catch {
        putOff(Array(body), error, attempts: Int(event.attempts), intake, event.tag)
      }
      link.release()
    }
    for intake in intakes { intake.deliver() }
    return count == most
  }

  /// What cannot be read is tried again later, as another version of the program may then read it, and given up in the end.
  private func putOff(_ body: [UInt8], _ error: InvalidInput, attempts: Int, _ intake: Intake, _ tag: UInt64) {
    if intake.subscription.isEveryNode { return }
    let isOver = attempts + 1 >= options.attempts
    logger.error(
      isOver ? "an event that nobody can read lies in the broker's dead letters" : "an event cannot be read and is put off",
      metadata: ["queue": "\(intake.queue)", "error": "\(error)", "attempts": "\(attempts + 1)"])
    intake.noteOpen()
    publisher.send([
      Outgoing(
        exchange: "", key: isOver ? "\(intake.queue).dead" : "\(intake.queue).retry", reason: "\(error)", attempts: attempts + 1, body: body
      ) { [handled = intake.handled] in handled.add(tag) }
    ])
  }
}

/// The delivery tags of one channel that subscribers are done with, as they tell from whatever thread.
final class Handled: Sendable {
  private let tags = Mutex<[UInt64]>([])
  private let waker: Waker

  init(_ waker: Waker) { self.waker = waker }

  func add(_ tag: UInt64) {
    let isFirst = tags.withLock { tags in
      tags.append(tag)
      return tags.count == 1
    }
    if isFirst { waker.wake() }
  }

  func take() -> [UInt64] {
    tags.withLock { tags in
      defer { tags = [] }
      return tags
    }
  }
}

/// What one subscription takes from its queue over one connection.
private final class Intake {
  let subscription: Subscription
  let queue: String
  let channel: UInt16
  let handled: Handled
  /// Delivered and not acknowledged.
  private(set) var open = 0

  private var batch: [Envelope] = []
  private var tags: [EventID: [UInt64]] = [:]
  private var isRepeated = false
  /// All tags below are acknowledged; `early` are those above that are too.
  private var next: UInt64 = 1
  private var early: Set<UInt64> = []

  init(_ subscription: Subscription, queue: String, channel: UInt16, handled: Handled) {
    self.subscription = subscription
    self.queue = queue
    self.channel = channel
    self.handled = handled
  }

  func noteOpen() { open += 1 }

  func add(_ envelope: Envelope, _ tag: UInt64, isRepeated: Bool) {
    batch.append(envelope)
    tags[envelope.id, default: []].append(tag)
    if isRepeated { self.isRepeated = true }
  }

  func deliver() {
    if batch.isEmpty { return }
    defer { (batch, tags, isRepeated) = ([], [:], false) }
    if subscription.isEveryNode { return subscription.deliver(batch, isRepeated) { _ in } }
    open += batch.count
    let tags = RemainingTags(tags, handled)
    subscription.deliver(batch, isRepeated) { tags.done($0) }
  }

  /// Tells the broker what is done: in one word as far as nothing is missing, and each that is ahead of a slow one.
  func acknowledge(_ link: RabbitMQLink) throws(Unavailable) {
    let done = handled.take()
    if done.isEmpty { return }
    open -= done.count
    var ahead: [UInt64] = []
    for tag in done { if early.insert(tag).inserted { ahead.append(tag) } }
    while early.remove(next) != nil { next += 1 }
    // The broker takes "all up to" only a tag that it still waits for: the last one may have been told before.
    if let last = ahead.filter({ $0 < next }).max() { try link.acknowledge(channel, last, andAllBefore: true) }
    for tag in ahead where tag >= next { try link.acknowledge(channel, tag, andAllBefore: false) }
  }
}

/// Which tags an event of a batch came with: more than one when the broker holds it twice.
private final class RemainingTags: Sendable {
  private let tags: Mutex<[EventID: [UInt64]]>
  private let handled: Handled

  init(_ tags: [EventID: [UInt64]], _ handled: Handled) {
    self.tags = Mutex(tags)
    self.handled = handled
  }

  func done(_ id: EventID) {
    guard let tag = tags.withLock({ $0[id]?.popLast() }) else { return }
    handled.add(tag)
  }
}
