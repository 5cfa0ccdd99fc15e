import Kernel
import OrderingAPI
import Resilience
import ServiceKit

/// Asks a provider no longer than a limit, again where that is safe, and not at all while it is known to be down.
struct GuardedProvider: PaymentProvider {
  private let provider: any PaymentProvider
  private let limit: Duration
  private let time: TimeSource
  private let ids: IdentifierSource
  private let breaker: CircuitBreaker
  private let deadlines: Deadlines
  private let backoff: Backoff

  /// - Parameter timeout: of the machine's time, since the provider lives in it.
  init(_ provider: any PaymentProvider, timeout: Duration, time: TimeSource, ids: IdentifierSource) {
    self.provider = provider
    self.time = time
    self.ids = ids
    limit = timeout * time.speed
    // Shorter than the usual half minute: the provider may stand on an engine that was gone for a moment, and orders wait for it.
    breaker = CircuitBreaker("the payment provider", pause: .seconds(10), time: time)
    deadlines = Deadlines(time: time)
    backoff = Backoff(first: .milliseconds(100) * time.speed, most: .seconds(1) * time.speed)
  }

  /// Not asked again at once: the order waits, and its customer with it.
  func authorize(_ wish: HoldWish) async throws -> ProviderHold { try await once { try await $0.authorize(wish) } }
  func capture(_ money: Money, ofHold hold: String, key: String) async throws {
    try await again { try await $0.capture(money, ofHold: hold, key: key) }
  }
  func void(hold: String) async throws { try await again { try await $0.void(hold: hold) } }
  func refund(_ money: Money, ofHold hold: String, key: String) async throws {
    try await again { try await $0.refund(money, ofHold: hold, key: key) }
  }
  func find(_ hold: String) async throws -> ProviderHold? { try await again { try await $0.find(hold) } }
  func holds(of order: OrderID) async throws -> [ProviderHold] { try await again { try await $0.holds(of: order) } }
  func openHolds(before limit: Instant, after cursor: HoldCursor?, count: Int) async throws -> [ProviderHold] {
    try await again { try await $0.openHolds(before: limit, after: cursor, count: count) }
  }

  private func once<Value: Sendable>(_ ask: @escaping @Sendable (any PaymentProvider) async throws -> Value) async throws -> Value {
    try await breaker.call { try await deadlines.within(limit) { [provider] in try await ask(provider) } }
  }

  private func again<Value: Sendable>(_ ask: @escaping @Sendable (any PaymentProvider) async throws -> Value) async throws -> Value {
    try await retrying(attempts: 3, backoff, time: time, ids: ids) { try await once(ask) }
  }
}
