import Kernel
import OrderingAPI
import Persistence
import ServiceKit

/// A provider that lives in tables of its own, whose cards walk every path that a real one has.
struct SandboxProvider: PaymentProvider {
  /// What a card does.
  enum Card: String, CaseIterable, Sendable {
    case approve = "tok_approve"
    case decline = "tok_decline"
    /// Makes the hold and never answers.
    case timeout = "tok_timeout"
    /// Makes the hold only after everybody stopped waiting.
    case late = "tok_late"
    /// Answers, and tells the same twice more in notices.
    case twice = "tok_twice"
    /// Fails the first capture.
    case captureFail = "tok_capture_fail"
    /// Answers after half a second.
    case slow = "tok_slow"
  }

  /// How much later than the wish the hold of `tok_late` comes to be.
  static let lateness = Duration.seconds(60)

  let database: any Database
  let time: TimeSource
  private let store = SandboxStore()

  init(database: any Database, time: TimeSource) {
    self.database = database
    self.time = time
  }

  func authorize(_ wish: HoldWish) async throws -> ProviderHold {
    guard let card = Card(rawValue: wish.cardToken) else { throw ProviderRefusal(reason: .cardUnknown) }
    let now = time.now
    let fresh = ProviderHold(
      key: wish.key, order: wish.order, money: wish.money, status: card == .decline ? .declined : .held,
      captured: .zero(wish.money.currency), madeAt: card == .late ? now + Self.lateness : now)
    let hold = try await database.write { [store] transaction in
      guard try !store.insert(fresh, token: card, in: transaction) else {
        if card == .twice { try store.addNotices(2, of: fresh.key, at: now, in: transaction) }
        return fresh
      }
      return try store.find(wish.key, visibleAt: now, in: transaction) ?? fresh
    }
    switch card {
    case .timeout, .late: try await fallSilent()
    case .slow: try await time.sleep(for: .milliseconds(500) * time.speed)
    case .approve, .decline, .twice, .captureFail: break
    }
    return hold
  }

  func capture(_ money: Money, ofHold hold: String, key: String) async throws {
    let now = time.now
    let answer = try await database.write { [store] in try store.capture(money, of: hold, key: key, at: now, in: $0) }
    switch answer {
    case .done: break
    case .refused(let reason): throw ProviderRefusal(reason: reason)
    case .failed: throw Unavailable("the provider failed to capture \(hold)")
    }
  }

  func void(hold: String) async throws {
    let now = time.now
    let answer = try await database.write { [store] in try store.void(hold, at: now, in: $0) }
    if case .refused(let reason) = answer { throw ProviderRefusal(reason: reason) }
  }

  func refund(_ money: Money, ofHold hold: String, key: String) async throws {
    let answer = try await database.write { [store] in try store.refund(money, of: hold, key: key, in: $0) }
    if case .refused(let reason) = answer { throw ProviderRefusal(reason: reason) }
  }

  func find(_ hold: String) async throws -> ProviderHold? {
    let now = time.now
    return try await database.read { [store] in try store.find(hold, visibleAt: now, in: $0) }
  }

  func holds(of order: OrderID) async throws -> [ProviderHold] {
    let now = time.now
    return try await database.read { [store] in try store.holds(of: order, visibleAt: now, in: $0) }
  }

  func openHolds(before limit: Instant, after cursor: HoldCursor?, count: Int) async throws -> [ProviderHold] {
    try await database.read { [store] in try store.open(before: limit, after: cursor, count: count, in: $0) }
  }

  /// Takes what the provider tells unasked, as a webhook would bring it: the keys of holds, some of them twice.
  func takeNotices(_ count: Int) async throws -> [String] {
    let now = time.now
    return try await database.write { [store] in try store.takeNotices(count, at: now, in: $0) }
  }

  /// Waits until nobody waits any more.
  private func fallSilent() async throws {
    while true { try await time.sleep(for: .seconds(3600)) }
  }
}
