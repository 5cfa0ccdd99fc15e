import Kernel
import OrderingAPI
import Persistence
import ServiceKit
import Synchronization
import TestKit

@testable import Payments

/// Decides by a seed when something goes wrong, until it is healed.
final class Faults: Sendable {
  enum Moment: Sendable { case before, after }

  private let state: Mutex<(generator: SeededGenerator, isOn: Bool)>

  init(seed: UInt64) { state = Mutex((SeededGenerator(seed), true)) }

  func heal() { state.withLock { $0.isOn = false } }

  /// Whether this call dies, and if it does, before or after it did its work; one in five does.
  func strike() -> Moment? {
    state.withLock { state in
      guard state.isOn else { return nil }
      switch state.generator.next() % 10 {
      case 0: return .before
      case 1: return .after
      default: return nil
      }
    }
  }

  /// Runs the work, which may die before it, or lose its answer.
  func around<Value>(_ work: () async throws -> Value) async throws -> Value {
    let moment = strike()
    if moment == .before { throw Unavailable("died before") }
    let value = try await work()
    if moment == .after { throw Unavailable("died after") }
    return value
  }
}

/// A database whose writes may fail, or be done and look failed as to a process that dies.
struct FaultyDatabase: Database {
  let database: any Database
  let faults: Faults
  var engine: Engine { database.engine }

  func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try await database.read(body)
  }

  func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try await faults.around { try await database.write(body) }
  }
}

/// A provider that may not be reached, or whose answers get lost.
struct FaultyProvider: PaymentProvider {
  let provider: any PaymentProvider
  let faults: Faults

  func authorize(_ wish: HoldWish) async throws -> ProviderHold { try await faults.around { try await provider.authorize(wish) } }
  func capture(_ money: Money, ofHold hold: String, key: String) async throws {
    try await faults.around { try await provider.capture(money, ofHold: hold, key: key) }
  }
  func void(hold: String) async throws { try await faults.around { try await provider.void(hold: hold) } }
  func refund(_ money: Money, ofHold hold: String, key: String) async throws {
    try await faults.around { try await provider.refund(money, ofHold: hold, key: key) }
  }
  func find(_ hold: String) async throws -> ProviderHold? { try await faults.around { try await provider.find(hold) } }
  func holds(of order: OrderID) async throws -> [ProviderHold] { try await faults.around { try await provider.holds(of: order) } }
  func openHolds(before limit: Instant, after cursor: HoldCursor?, count: Int) async throws -> [ProviderHold] {
    try await faults.around { try await provider.openHolds(before: limit, after: cursor, count: count) }
  }
}
