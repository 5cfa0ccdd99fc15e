/// The processes that share a database: who of them does what only one may do, who still runs, and how they wake each other.
public protocol Peers: Sendable {
  /// Names this process for as long as it runs.
  var instance: String { get }

  /// Whether this process is the one that does the duty. It stays so until it ends or loses the database; then another becomes it.
  ///
  /// Whoever asks and is refused is a candidate from then on: `whenSignalled` of the duty's name is called when it is chosen.
  func holds(_ duty: String) async -> Bool

  /// Whether the process of that name still runs.
  func isAlive(_ instance: String) async throws -> Bool

  /// Calls the action in every other process on this database that waits for the name.
  func signal(_ name: String)

  /// Has the action called at every signal of that name.
  func whenSignalled(_ name: String, _ action: @escaping @Sendable () -> Void)
}

/// The only process on a database of its own.
public struct Alone: Peers {
  public init() {}
  public var instance: String { "alone" }
  public func holds(_ duty: String) async -> Bool { true }
  public func isAlive(_ instance: String) async throws -> Bool { instance == self.instance }
  public func signal(_ name: String) {}
  public func whenSignalled(_ name: String, _ action: @escaping @Sendable () -> Void) {}
}
