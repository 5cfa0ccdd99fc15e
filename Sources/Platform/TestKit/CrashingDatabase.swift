public import Persistence
import Synchronization

/// A database under a process that dies at a point of the test's choosing.
///
/// Before and after every write is a point, and wherever the test calls `point()`. At the chosen one, and at every later one, the
/// caller gets a `CancellationError`, which everything in the platform takes as the end: nothing is written any more.
public final class CrashingDatabase: Database {
  private let database: any Database
  private let state: Mutex<(count: Int, crashAt: Int?)>

  /// - Parameter crashAt: which point, counted from 0; nil for a process that lives.
  public init(_ database: any Database, crashAt: Int?) {
    self.database = database
    state = Mutex((0, crashAt))
  }

  public var engine: Engine { database.engine }
  public var peers: any Peers { database.peers }
  /// Whether the process has died.
  public var hasCrashed: Bool { state.withLock { state in state.crashAt.map { state.count > $0 } ?? false } }

  /// A moment at which the process may die.
  public func point() throws {
    let isOver = state.withLock { state in
      state.count += 1
      return state.crashAt.map { state.count > $0 } ?? false
    }
    if isOver { throw CancellationError() }
  }

  public func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    if hasCrashed { throw CancellationError() }
    return try await database.read(body)
  }

  public func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try point()
    let value = try await database.write(body)
    try point()
    return value
  }
}
