import Persistence
import ServiceKit

/// A body that waits for a thread, without its type.
class Work: @unchecked Sendable {
  /// What the body threw, if it did.
  var failure: (any Error)?
  var actions: [@Sendable () -> Void] = []
  // The body runs on a thread, where the task's own values are not seen: they are carried over.
  private let correlationID = CallContext.correlationID
  private let caller = Caller.current

  /// Runs the body, keeping what it answers.
  final func perform(_ transaction: SQLiteTransaction) throws {
    failure = nil
    transaction.actions.removeAll(keepingCapacity: true)
    try CallContext.$correlationID.withValue(correlationID) {
      try Caller.$current.withValue(caller) { try run(transaction) }
    }
    actions = transaction.actions
  }

  /// Runs what was to follow the commit, and answers whoever waits.
  final func answer() {
    if failure == nil {
      for action in actions { action() }
    }
    resume()
  }

  final func answer(failed error: any Error) {
    failure = error
    resume()
  }

  func run(_ transaction: any Transaction) throws {}
  func resume() {}
}

final class BodyWork<Value: Sendable>: Work, @unchecked Sendable {
  private let body: @Sendable (any Transaction) throws -> Value
  private let continuation: UnsafeContinuation<Value, any Error>
  private var value: Value?

  init(_ body: @escaping @Sendable (any Transaction) throws -> Value, _ continuation: UnsafeContinuation<Value, any Error>) {
    self.body = body
    self.continuation = continuation
  }

  override func run(_ transaction: any Transaction) throws { value = try body(transaction) }

  override func resume() {
    if let failure { continuation.resume(throwing: failure) } else if let value { continuation.resume(returning: value) }
  }
}
