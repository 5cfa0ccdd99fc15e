public import ServiceKit
import Synchronization

/// The bus of an installation that is one process: the outbox stays the only copy until every subscriber is through.
public final class InProcessBus: Bus {
  private let subscriptions = Mutex<[Subscription]>([])
  private let heard = Mutex<Set<String>>([])

  public init() {}

  public func subscribe(_ subscription: Subscription) {
    subscriptions.withLock { $0.append(subscription) }
    heard.withLock { $0.formUnion(subscription.events) }
  }

  public func hears(_ event: String) -> Bool { heard.withLock { $0.contains(event) } }

  public func publish(_ batch: [Envelope], isRepeated: Bool, confirm: @escaping @Sendable (EventID) -> Void) async throws {
    let subscriptions = subscriptions.withLock { $0 }
    var counts: [EventID: Int] = [:]
    for envelope in batch { counts[envelope.id] = subscriptions.count { $0.events.contains(envelope.name) } }
    let open = Countdown(counts, isOver: confirm)
    for envelope in batch where counts[envelope.id] == 0 { confirm(envelope.id) }
    for subscription in subscriptions {
      let heard = batch.filter { subscription.events.contains($0.name) }
      if !heard.isEmpty { subscription.deliver(heard, isRepeated) { open.done($0) } }
    }
  }
}
