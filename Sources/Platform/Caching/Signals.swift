/// Short news from node to node: which value is no longer good, which session has ended.
public protocol Signals: Sendable {
  /// Tells every other node; returns once they are being told, or that is put off because nobody can be reached.
  func tell(_ topic: String, _ subject: String) async

  /// Listens for as long as the process runs.
  ///
  /// - Parameters:
  ///   - heard: what a node told.
  ///   - doubt: something may have been missed: whatever is kept on the strength of not having heard is to be forgotten.
  func listen(_ topic: String, heard: @escaping @Sendable (_ subject: String) -> Void, doubt: @escaping @Sendable () -> Void)
}

/// Nobody to tell: a process alone.
struct NoSignals: Signals {
  func tell(_ topic: String, _ subject: String) async {}
  func listen(_ topic: String, heard: @escaping @Sendable (_ subject: String) -> Void, doubt: @escaping @Sendable () -> Void) {}
}
