public import Persistence
public import ServiceKit
import Wire

/// Runs the sagas of one service, and takes up after a crash those that it finds unfinished.
public struct SagaRunner: Sendable {
  public init(service: String, database: any Database, time: TimeSource) {}

  /// The table of a service's sagas.
  public static func migrations(for service: String) -> [Migration] { [] }

  /// Records the saga as begun, in one transaction with `begin`, then performs its steps.
  ///
  /// - Parameter id: unique among the sagas of this name; a saga that exists already is not begun again.
  public func run<State>(
    _ saga: Saga<State>, id: String, state: State, begin: @escaping @Sendable (any Transaction) throws -> Void
  ) async throws -> SagaOutcome<State> {
    preconditionFailure("helper B writes this")
  }

  /// Goes on with every unfinished saga of this name; the module calls it from a job and at start.
  public func resume<State>(_ saga: Saga<State>) async throws {}
}
