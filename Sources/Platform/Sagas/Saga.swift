public import Persistence
public import Wire

/// Work of several steps in several places that ends whole or undone, whatever dies in between.
///
/// Before each step the runner has on disk that it is due; after a crash it is performed again, so every step and every
/// compensation bears repetition.
public struct Saga<State: WireValue>: Sendable {
  /// What a step leaves behind.
  public struct Progress: Sendable {
    public var state: State
    /// Runs in the same transaction that records the progress.
    public var commit: (@Sendable (any Transaction) throws -> Void)?

    public init(_ state: State, commit: (@Sendable (any Transaction) throws -> Void)? = nil) {
      self.state = state
      self.commit = commit
    }
  }

  public struct Step: Sendable {
    public let name: String
    /// Does the step outside any transaction; it may call operations. `Unavailable` is tried again, anything else undoes the saga.
    public let perform: @Sendable (State) async throws -> Progress
    /// Undoes the step, or undoes whatever part of it happened; tried until it works.
    public let compensate: (@Sendable (State) async throws -> Progress)?

    public init(
      _ name: String, perform: @escaping @Sendable (State) async throws -> Progress,
      compensate: (@Sendable (State) async throws -> Progress)? = nil
    ) {
      self.name = name
      self.perform = perform
      self.compensate = compensate
    }
  }

  public let name: String
  public let steps: [Step]

  public init(_ name: String, steps: [Step]) {
    self.name = name
    self.steps = steps
  }
}

/// How a saga ended.
public enum SagaOutcome<State: Sendable>: Sendable {
  case finished(State)
  /// A step failed for good; everything before it was undone.
  case undone(State, because: any Error)
  /// Something it needs is gone for now; the runner goes on with it in the background.
  case waiting(State, because: any Error)
}
