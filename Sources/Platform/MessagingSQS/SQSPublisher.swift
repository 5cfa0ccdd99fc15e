import Kernel
import Logging
import Messaging
import Resilience
import ServiceKit
import Synchronization
import Wire

/// Sends events to every queue of their topic, ten in a request, the events of an aggregate one after the other.
final class SQSPublisher: Sendable {
  struct Outgoing: Sendable {
    var topic: Topic
    var id: EventID
    var aggregate: String
    var isRepeated: Bool
    var body: [UInt8]
    var confirm: @Sendable (EventID) -> Void
  }

  private struct State {
    var waiting: [Outgoing] = []
    var sending = 0
  }

  private let client: SQSClient
  private let queues: SQSQueues
  private let state = Mutex(State())
  private let news: AsyncStream<Void>
  private let tell: AsyncStream<Void>.Continuation
  let health: LinkHealth
  private let logger = Logger(label: "tiffin.sqs")

  init(_ client: SQSClient, _ queues: SQSQueues) {
    self.client = client
    self.queues = queues
    health = LinkHealth(
      isUp: true, logger, up: "SQS takes events", away: "SQS is away; events wait in the outbox", metadata: ["place": "\(client.address.place)"])
    (news, tell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  var unconfirmed: Int { state.withLock { $0.waiting.count + $0.sending } }

  func send(_ events: [Outgoing]) {
    state.withLock { $0.waiting += events }
    tell.yield()
  }

  /// Carries until the task is cancelled.
  func run() async {
    for await _ in news {
      while !Task.isCancelled {
        let batch = state.withLock { state in
          let batch = Array(state.waiting.prefix(400))
          state.waiting.removeFirst(batch.count)
          state.sending = batch.count
          return batch
        }
        if batch.isEmpty { break }
        await carry(batch)
        state.withLock { $0.sending = 0 }
      }
    }
  }

  private func carry(_ batch: [Outgoing]) async {
    var work: [(url: String, events: [Outgoing])] = []
    var counts: [EventID: Int] = [:]
    for topic in Topic.allCases {
      let events = batch.filter { $0.topic == topic }
      if events.isEmpty { continue }
      // Lanes side by side; an aggregate keeps to one of them.
      let lanes = Dictionary(grouping: events) { StableHash.of($0.aggregate) % 4 }
      for url in queues.urls(of: topic) {
        for lane in lanes.keys.sorted() { work.append((url, lanes[lane] ?? [])) }
        for event in events { counts[event.id, default: 0] += 1 }
      }
      for event in events where counts[event.id] == nil { event.confirm(event.id) }
    }
    let confirms = Dictionary(batch.map { ($0.id, $0.confirm) }) { first, _ in first }
    // How many queues each event still has to reach.
    let remaining = Countdown(counts) { confirms[$0]?($0) }
    await withTaskGroup(of: Void.self) { group in
      for (url, events) in work { group.addTask { await self.carry(events, to: url, remaining) } }
    }
  }

  private func carry(_ events: [Outgoing], to url: String, _ remaining: Countdown) async {
    var rest = events[...]
    var failures = 0
    let backoff = Backoff(first: .milliseconds(100), most: .seconds(2))
    while !rest.isEmpty, !Task.isCancelled {
      let part = Array(rest.prefix(10))
      do {
        let stored = try await store(part, in: url)
        // Up to the first that failed: what follows is sent again with it, and known by its id.
        let count = part.firstIndex { !stored.contains($0.id) } ?? part.count
        for event in part[..<count] { remaining.done(event.id) }
        rest = rest.dropFirst(count)
        if count == 0 { throw Unavailable("SQS did not take a message") }
        failures = 0
        health.noteUp()
      } catch {
        if let refused = error as? SQSClient.Refused, refused.text.contains("NonExistentQueue") || refused.text.contains("QueueDoesNotExist") {
          // A node that has gone took its queue along.
          for event in rest { remaining.done(event.id) }
          return
        }
        failures += 1
        health.noteAway("\(error)")
        try? await Task.sleep(for: backoff.pause(after: failures, random: UInt64.random(in: 0...UInt64.max)))
      }
    }
  }

  private func store(_ events: [Outgoing], in url: String) async throws -> Set<EventID> {
    let entries = events.enumerated().map { index, event in
      SendEntry(
        id: "\(index)", body: String(decoding: event.body, as: UTF8.self), group: String(event.aggregate.prefix(128)), deduplication: "\(event.id)",
        attributes: event.isRepeated ? MessageAttributes(repeated: MessageAttribute(type: "String", value: "1")) : nil)
    }
    let answer = try await client.ask("SendMessageBatch", SendBatch(url: url, entries: entries), as: BatchAnswer.self)
    return Set((answer.successful ?? []).compactMap { Int($0.id).map { events[$0].id } })
  }
}
