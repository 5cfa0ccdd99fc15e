import Kernel
import Logging
import Messaging
import Resilience
import ServiceKit
import Synchronization
import Wire

/// Takes one queue's messages to its subscription, keeps them hidden while they are being handled, and deletes what is done.
final class SQSConsumer: Sendable {
  private struct Open {
    var id: EventID
    var receipt: String
    var hiddenUntil: ContinuousClock.Instant
  }

  private struct State {
    var open: [String: Open] = [:]
    var done: [String] = []
    var lag = 0
    var isStopping = false
  }

  let subscription: Subscription
  let url: String
  private let client: SQSClient
  private let queues: SQSQueues
  private let options: SQSBus.Options
  private let state = Mutex(State())
  let health: LinkHealth
  private let logger = Logger(label: "tiffin.sqs")

  init(_ subscription: Subscription, url: String, _ client: SQSClient, _ queues: SQSQueues, _ options: SQSBus.Options) {
    self.subscription = subscription
    self.url = url
    self.client = client
    self.queues = queues
    self.options = options
    health = LinkHealth(
      isUp: true, logger, up: "SQS delivers events", level: .debug, away: "SQS is away; no events come", metadata: ["queue": "\(url)"])
  }

  var lag: Int { state.withLock { $0.lag } }

  /// Takes and tidies until it is stopped.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.tidy() }
      await self.receive()
      group.cancelAll()
    }
    await giveBack()
  }

  /// Takes no more. A request under way is not broken off: what it brings would be hidden from everybody for a while.
  func stop() { state.withLock { $0.isStopping = true } }

  private func receive() async {
    var failures = 0
    let backoff = Backoff(first: .milliseconds(100), most: .seconds(2))
    var heard = ContinuousClock.now
    while !state.withLock({ $0.isStopping }) {
      if state.withLock({ $0.open.count }) + 10 > options.prefetch {
        try? await Task.sleep(for: .milliseconds(20))
        continue
      }
      do {
        let wait = Int(options.longPoll.seconds)
        let request = ReceiveMessages(
          url: url, limit: 10, wait: wait, attributes: ["ApproximateReceiveCount"], messageAttributes: ["All"])
        let received = try await client.ask("ReceiveMessage", request, as: MessagesReceived.self, within: Int64(wait) + 10)
        failures = 0
        health.noteUp()
        // A node's queue holds an event for a minute (see SQSQueues): whoever was away for longer may have missed some.
        if subscription.isEveryNode, heard.duration(to: .now) > .seconds(50) { subscription.missed() }
        heard = .now
        let messages = received.messages ?? []
        await take(messages)
        if messages.isEmpty, wait == 0 { try? await Task.sleep(for: .milliseconds(200)) }
      } catch {
        failures += 1
        if failures > 1 { health.noteAway("\(error)") }
        try? await Task.sleep(for: backoff.pause(after: failures, random: UInt64.random(in: 0...UInt64.max)))
      }
    }
  }

  private func take(_ messages: [ReceivedMessage]) async {
    var batch: [Envelope] = []
    var receipts: [EventID: [String]] = [:]
    var isRepeated = false
    let hidden = ContinuousClock.now + options.visibility
    for message in messages {
      let count = message.attributes?.count.flatMap { Int($0) } ?? 1
      do throws(InvalidInput) {
        let envelope = try decode(Envelope.self, from: Array(message.body.utf8))
        let open = Open(id: envelope.id, receipt: message.receipt, hiddenUntil: hidden)
        state.withLock { $0.open[message.receipt] = open }
        guard subscription.events.contains(envelope.name) else {
          finish(message.receipt)
          continue
        }
        if count > 1 || message.messageAttributes?.repeated != nil { isRepeated = true }
        batch.append(envelope)
        receipts[envelope.id, default: []].append(message.receipt)
      } catch {
        await putOff(message, error, count)
      }
    }
    // Who is stopping gives back what came last.
    if batch.isEmpty || state.withLock({ $0.isStopping }) { return }
    let open = Receipts(receipts)
    subscription.deliver(batch, isRepeated) { [self] id in if let receipt = open.take(id) { finish(receipt) } }
  }

  private func finish(_ receipt: String) { state.withLock { $0.done.append(receipt) } }

  /// What cannot be read comes again later, as another version of the program may then read it, and is given up in the end.
  private func putOff(_ message: ReceivedMessage, _ error: InvalidInput, _ count: Int) async {
    let isOver = count >= options.attempts
    logger.error(
      isOver ? "an event that nobody can read lies in the broker's dead letters" : "an event cannot be read and is put off",
      metadata: ["queue": "\(url)", "error": "\(error)", "attempts": "\(count)"])
    let entry = BatchEntry(id: "0", receipt: message.receipt, visibility: isOver ? nil : max(1, Int(options.retryPause.seconds)))
    do {
      if isOver {
        let dead = url.replacing(".fifo", with: "-dead.fifo")
        let id = "\(StableHash.of(message.body))"
        let sent = SendEntry(
          id: "0", body: message.body, group: "unreadable", deduplication: id,
          attributes: MessageAttributes(reason: MessageAttribute(type: "String", value: String("\(error)".prefix(250)))))
        let answer = try await client.ask("SendMessageBatch", SendBatch(url: dead, entries: [sent]), as: BatchAnswer.self)
        if answer.successful?.count == 1 {
          _ = try await client.ask("DeleteMessageBatch", ReceiptBatch(url: url, entries: [entry]), as: BatchAnswer.self)
        }
      } else {
        _ = try await client.ask("ChangeMessageVisibilityBatch", ReceiptBatch(url: url, entries: [entry]), as: BatchAnswer.self)
      }
    } catch { health.noteAway("\(error)") }  // It comes again when its time in hiding is over.
  }

  // MARK: What is done, and what takes long

  private func tidy() async {
    var nextCount = ContinuousClock.now
    while !Task.isCancelled {
      await deleteDone()
      await keepHidden()
      if !subscription.isEveryNode, ContinuousClock.now >= nextCount {
        nextCount = .now + .seconds(5)
        if let count = try? await queues.count(url) { state.withLock { $0.lag = count } }
      }
      try? await Task.sleep(for: .milliseconds(10))
    }
  }

  /// Tells the queue what is done, ten in a request.
  private func deleteDone() async {
    while true {
      let receipts = state.withLock { Array($0.done.prefix(10)) }
      if receipts.isEmpty { return }
      let entries = receipts.enumerated().map { BatchEntry(id: "\($0)", receipt: $1) }
      do {
        _ = try await client.ask("DeleteMessageBatch", ReceiptBatch(url: url, entries: entries), as: BatchAnswer.self)
        state.withLock { state in
          state.done.removeFirst(receipts.count)
          for receipt in receipts { state.open[receipt] = nil }
        }
      } catch { return }  // It stays noted, and is told again.
    }
  }

  /// What is still being handled when two thirds of its time in hiding are over gets as much again.
  private func keepHidden() async {
    let limit = ContinuousClock.now + options.visibility / 3
    let late = state.withLock { $0.open.values.filter { $0.hiddenUntil < limit } }
    for start in stride(from: 0, to: late.count, by: 10) {
      let part = late[start..<min(start + 10, late.count)]
      let entries = part.enumerated().map { BatchEntry(id: "\($0)", receipt: $1.receipt, visibility: Int(options.visibility.seconds)) }
      let hidden = ContinuousClock.now + options.visibility
      guard (try? await client.ask("ChangeMessageVisibilityBatch", ReceiptBatch(url: url, entries: entries), as: BatchAnswer.self)) != nil else {
        return
      }
      state.withLock { state in for open in part { state.open[open.receipt]?.hiddenUntil = hidden } }
    }
  }

  /// Gives back what was not done, so that another instance need not wait for it.
  private func giveBack() async {
    await deleteDone()
    let rest = state.withLock { Array($0.open.keys) }
    for start in stride(from: 0, to: rest.count, by: 10) {
      let entries = rest[start..<min(start + 10, rest.count)].enumerated().map { BatchEntry(id: "\($0)", receipt: $1, visibility: 0) }
      _ = try? await client.ask("ChangeMessageVisibilityBatch", ReceiptBatch(url: url, entries: entries), as: BatchAnswer.self)
    }
  }
}

/// With which receipts the events of a batch came.
private final class Receipts: Sendable {
  private let receipts: Mutex<[EventID: [String]]>
  init(_ receipts: [EventID: [String]]) { self.receipts = Mutex(receipts) }
  func take(_ id: EventID) -> String? { receipts.withLock { $0[id]?.popLast() } }
}
