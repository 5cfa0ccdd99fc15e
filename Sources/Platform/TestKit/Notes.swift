import Synchronization

/// What a test's closures write down from wherever they run, in the order it was written.
public final class Notes<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])

  public init() {}

  public func add(_ value: Value) { values.withLock { $0.append(value) } }
  /// Adds what is made of the number of notes, this one counted; answers that number.
  @discardableResult
  public func add(numbered make: @Sendable (Int) -> Value) -> Int {
    values.withLock { values in
      values.append(make(values.count + 1))
      return values.count
    }
  }
  public var all: [Value] { values.withLock { $0 } }
  public var count: Int { values.withLock { $0.count } }
}
