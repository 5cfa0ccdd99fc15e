/// A part of a process that was opened and has to be closed: a database, a connection to a broker.
struct Opened<Value: Sendable>: Sendable {
  let value: Value
  /// What it does by itself while the process runs, until its task is cancelled; nil for most.
  let run: (@Sendable () async -> Void)?
  /// Finishes what is in hand and lets go.
  let close: @Sendable () async -> Void

  init(_ value: Value, run: (@Sendable () async -> Void)? = nil, close: @escaping @Sendable () async -> Void = {}) {
    self.value = value
    self.run = run
    self.close = close
  }
}
