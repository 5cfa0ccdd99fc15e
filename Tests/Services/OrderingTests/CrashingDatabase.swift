import Persistence
import Synchronization

/// A database that counts, in front of a real one.
final class CountingDatabase: Database {
  private let real: any Database
  private let counts = Mutex((reads: 0, writes: 0))

  init(_ real: any Database) { self.real = real }

  var engine: Engine { real.engine }
  var reads: Int { counts.withLock { $0.reads } }
  var writes: Int { counts.withLock { $0.writes } }

  func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    counts.withLock { $0.reads += 1 }
    return try await real.read(body)
  }

  func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    counts.withLock { $0.writes += 1 }
    return try await real.write(body)
  }
}

/// A database whose process dies at one of its writes: nothing is read or written from then on.
final class CrashingDatabase: Database {
  private let real: any Database
  private let left: Mutex<Int>
  private let isLastKept: Bool

  /// - Parameters:
  ///   - writes: how many writes are done before the one at which the process dies.
  ///   - isLastKept: whether that one is on disk all the same, only its answer lost.
  init(_ real: any Database, after writes: Int, isLastKept: Bool) {
    self.real = real
    left = Mutex(writes)
    self.isLastKept = isLastKept
  }

  var engine: Engine { real.engine }
  /// Whether the process died.
  var isDead: Bool { left.withLock { $0 < 0 } }

  func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    if isDead { throw CancellationError() }
    return try await real.read(body)
  }

  func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    let left = left.withLock { left in
      left -= 1
      return left
    }
    if left >= 0 { return try await real.write(body) }
    if left == -1, isLastKept { _ = try await real.write(body) }
    throw CancellationError()
  }
}
