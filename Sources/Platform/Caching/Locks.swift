import Kernel
public import ServiceKit
import Synchronization

/// Locks by name with an end: who holds one does what only one node shall do.
///
/// A holder that is slower than its lock's end no longer holds it; what it writes is told apart by its `token`, which is higher
/// than that of every holder before: whoever keeps the highest token seen refuses lower ones.
///
/// For what nodes have in common beside a database, such as who of the gateways asks for the live city. Who of the processes on one
/// database does its jobs is decided by the database itself (`Peers`), as a lock by time is no proof.
public protocol Locks: Sendable {
  /// Takes the lock unless another holds it.
  ///
  /// - Throws: `Unavailable` when it cannot be known who holds it.
  func acquire(_ name: String, keep: Duration) async throws -> HeldLock?

  /// Gives it back, if it is still held.
  func release(_ lock: HeldLock) async

  /// Holds it for as long again; answers whether it was still held.
  func extend(_ lock: HeldLock, keep: Duration) async throws -> Bool
}

/// A lock while it is held.
public struct HeldLock: Sendable, Hashable {
  public let name: String
  /// Higher for each holder than for all before.
  public let token: Int

  public init(name: String, token: Int) {
    self.name = name
    self.token = token
  }
}

extension Locks {
  /// Runs the body while the lock is held, waiting for it up to `wait`.
  ///
  /// - Throws: `Unavailable` when the lock is not to be had in time, or nobody knows who holds it.
  public func withLock<Value>(
    _ name: String, keep: Duration, wait: Duration, body: (HeldLock) async throws -> Value
  ) async throws -> Value {
    let clock = ContinuousClock()
    let end = clock.now + wait
    while true {
      if let lock = try await acquire(name, keep: keep) {
        do {
          let value = try await body(lock)
          await release(lock)
          return value
        } catch {
          await release(lock)
          throw error
        }
      }
      guard clock.now < end else { throw Unavailable("another holds the lock \(name)", retryAfterSeconds: 1) }
      try await clock.sleep(for: .milliseconds(Int.random(in: 10...30)))
    }
  }
}

/// The locks of a process alone.
public final class ProcessLocks: Locks {
  private struct State {
    var held: [String: (token: Int, until: Instant)] = [:]
    var last = 0
  }

  private let state = Mutex(State())
  private let time: TimeSource

  public init(time: TimeSource) { self.time = time }

  public func acquire(_ name: String, keep: Duration) async throws -> HeldLock? {
    let now = time.now
    return state.withLock { state in
      if let held = state.held[name], held.until > now { return nil }
      state.last += 1
      state.held[name] = (state.last, now + keep)
      return HeldLock(name: name, token: state.last)
    }
  }

  public func release(_ lock: HeldLock) async {
    state.withLock { if $0.held[lock.name]?.token == lock.token { $0.held[lock.name] = nil } }
  }

  public func extend(_ lock: HeldLock, keep: Duration) async throws -> Bool {
    let now = time.now
    return state.withLock { state in
      guard let held = state.held[lock.name], held.token == lock.token, held.until > now else { return false }
      state.held[lock.name] = (lock.token, now + keep)
      return true
    }
  }
}
