import CLibRabbitMQ
import Logging
import Messaging
import Resilience
import ServiceKit
import Synchronization

/// One message on its way to the broker.
struct Outgoing: Sendable {
  var exchange: String
  var key: String
  var id: String?
  var type: String?
  var correlation: String?
  var aggregate: String?
  var reason: String?
  var attempts = 0
  var isRepeated = false
  var body: [UInt8]
  /// Called once the broker has it on disk.
  var confirm: @Sendable () -> Void
}

/// Hands messages to the broker in order, a window of them ahead of its confirms, on a thread and connection of its own.
///
/// What is not confirmed when a connection breaks is sent again over the next one, before anything newer.
final class RabbitMQPublisher: Sendable {
  private struct State {
    var waiting: [Outgoing] = []
    var unconfirmed = 0
    var isStopping = false
  }

  private let state = Mutex(State())
  private let address: RabbitMQAddress
  private let exchanges: [String]
  private let window: Int
  private let waker = Waker()
  let health: LinkHealth
  private let logger = Logger(label: "tiffin.rabbitmq")
  private let thread = Mutex<BlockingThread?>(nil)

  private let mayCarry: @Sendable () -> Bool

  /// - Parameter mayCarry: asked before each burst: an event that comes before the queues are there would go nowhere.
  init(_ address: RabbitMQAddress, exchanges: [String], window: Int, mayCarry: @escaping @Sendable () -> Bool) {
    self.mayCarry = mayCarry
    self.address = address
    self.exchanges = exchanges
    self.window = window
    health = LinkHealth(
      logger, up: "RabbitMQ takes events", away: "RabbitMQ is away; events wait in the outbox", metadata: ["broker": "\(address.place)"])
  }

  var unconfirmed: Int { state.withLock { $0.waiting.count + $0.unconfirmed } }

  func send(_ messages: [Outgoing]) {
    state.withLock { $0.waiting += messages }
    waker.wake()
  }

  func start() { thread.withLock { $0 = BlockingThread("rabbitmq-publisher") { self.run() } } }

  /// Gives what was sent a moment to be confirmed, and ends.
  func stop() async {
    state.withLock { $0.isStopping = true }
    waker.wake()
    await thread.withLock { $0 }?.ended()
  }

  // MARK: The thread

  /// What the thread has in hand.
  private struct Hand {
    /// Taken over and not sent over this connection, from `next` on.
    var backlog: [Outgoing] = []
    var next = 0
    /// Sent; nil once confirmed. The first has the tag `firstTag`.
    var sent: [Outgoing?] = []
    var head = 0
    var firstTag: UInt64 = 1

    var unconfirmed: Int { sent.count - head }

    mutating func take(_ messages: [Outgoing]) {
      backlog.removeFirst(next)
      next = 0
      backlog += messages
    }

    mutating func confirm(_ tag: UInt64, andAllBefore isMultiple: Bool) {
      let index = head + Int(tag) - Int(firstTag)
      guard tag >= firstTag, sent.indices.contains(index) else { return }
      for place in (isMultiple ? head : index)...index {
        sent[place]?.confirm()
        sent[place] = nil
      }
      while head < sent.count, sent[head] == nil {
        head += 1
        firstTag += 1
      }
      if head > 1024 || head == sent.count {
        sent.removeFirst(head)
        head = 0
      }
    }

    /// Puts everything back that the lost connection leaves open.
    mutating func rewind() {
      var open = sent[head...].compactMap { $0 }
      for index in open.indices { open[index].isRepeated = true }
      backlog = open + backlog[next...]
      (next, sent, head, firstTag) = (0, [], 0, 1)
    }
  }

  private func run() {
    var hand = Hand()
    var failures = 0
    let backoff = Backoff(first: .milliseconds(100), most: .seconds(2))
    while true {
      do {
        let link = try RabbitMQLink(address, name: "tiffin publisher")
        try link.open(1, isConfirming: true)
        for exchange in exchanges { try link.declareExchange(exchange) }
        health.noteUp()
        failures = 0
        try carry(&hand, link)
        link.close()
        return health.noteClosed()
      } catch {
        health.noteAway(error.reason)
        hand.rewind()
        failures += 1
        let isStopping = state.withLock { state in
          state.unconfirmed = hand.backlog.count
          return state.isStopping
        }
        if isStopping { return }
        waker.wait(atMost: backoff.pause(after: failures, random: UInt64.random(in: 0...UInt64.max)))
      }
    }
  }

  private func carry(_ hand: inout Hand, _ link: RabbitMQLink) throws(Unavailable) {
    var patience: ContinuousClock.Instant?
    while true {
      let isStopping = state.withLock { state in
        if !state.waiting.isEmpty {
          hand.take(state.waiting)
          state.waiting = []
        }
        state.unconfirmed = hand.backlog.count - hand.next + hand.unconfirmed
        return state.isStopping
      }
      let isEmpty = hand.next == hand.backlog.count && hand.unconfirmed == 0
      if isStopping {
        let end = patience ?? ContinuousClock.now + .seconds(2)
        patience = end
        if isEmpty || ContinuousClock.now > end { return }
      }
      let isHeldBack = !mayCarry()
      var burst = 0
      while !isHeldBack, hand.next < hand.backlog.count, hand.unconfirmed < window, burst < 64 {
        let message = hand.backlog[hand.next]
        try link.publish(message)
        hand.sent.append(message)
        hand.next += 1
        burst += 1
      }
      let goesOn = hand.next < hand.backlog.count && hand.unconfirmed < window && !isHeldBack
      // Awake at least once a second: the library sends its heartbeats when it is called.
      if !goesOn { waker.wait(for: link.socket, atMost: isStopping || isHeldBack ? .milliseconds(20) : .seconds(1)) }
      while let event = try link.next() {
        switch event.kind {
        case Int32(TIFFIN_AMQP_ACK): hand.confirm(event.tag, andAllBefore: event.is_multiple != 0)
        case Int32(TIFFIN_AMQP_NACK): throw Unavailable("the broker could not store an event")
        default: break
        }
      }
      link.release()
    }
  }
}
