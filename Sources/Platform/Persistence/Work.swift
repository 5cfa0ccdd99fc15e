import ServiceKit

/// A body that waits for a thread of an engine, without its type.
package class Work: @unchecked Sendable {
  /// What the body threw, if it did.
  package var failure: (any Error)?
  /// When it was asked for.
  package let since = ContinuousClock.now
  /// Whether nobody else may write while it runs.
  package let isExclusive: Bool
  private var actions: [@Sendable () -> Void] = []
  // The body runs on a thread, where the task's own values are not seen: they are carried over.
  private let correlationID = CallContext.correlationID
  private let caller = Caller.current

  init(isExclusive: Bool) { self.isExclusive = isExclusive }

  /// Runs the body, keeping what it answers and what it wants done after the commit.
  package final func perform(_ transaction: some LentTransaction) throws {
    failure = nil
    actions = []
    _ = transaction.takeActions()
    try CallContext.$correlationID.withValue(correlationID) {
      try Caller.$current.withValue(caller) { try run(transaction) }
    }
    actions = transaction.takeActions()
  }

  /// Runs what was to follow the commit, and answers whoever waits.
  package final func answer() {
    if failure == nil {
      for action in actions { action() }
    }
    resume()
  }

  package final func answer(failed error: any Error) {
    failure = error
    resume()
  }

  func run(_ transaction: any Transaction) throws {}
  func resume() {}
}

/// A transaction that is lent to several bodies in turn.
package protocol LentTransaction: Transaction {
  /// What the body wants done after the commit; forgotten with that.
  func takeActions() -> [@Sendable () -> Void]
}

package final class BodyWork<Value: Sendable>: Work, @unchecked Sendable {
  private let body: @Sendable (any Transaction) throws -> Value
  private let continuation: UnsafeContinuation<Value, any Error>
  private var value: Value?

  package init(
    _ body: @escaping @Sendable (any Transaction) throws -> Value, isExclusive: Bool = false, _ continuation: UnsafeContinuation<Value, any Error>
  ) {
    self.body = body
    self.continuation = continuation
    super.init(isExclusive: isExclusive)
  }

  override func run(_ transaction: any Transaction) throws { value = try body(transaction) }

  override func resume() {
    if let failure { continuation.resume(throwing: failure) } else if let value { continuation.resume(returning: value) }
  }
}
