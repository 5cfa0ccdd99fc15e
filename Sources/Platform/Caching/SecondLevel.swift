/// Values as bytes that all nodes share, by names such as `tenant:ID:menu:ID`; the level under the caches in the processes.
///
/// Nothing here is a truth: any of it may be gone at any time.
public protocol SecondLevel: Sendable {
  func find(_ name: String) async -> SecondLevelFound

  /// Keeps a value that was loaded after `find` did not have it, unless it was dropped meanwhile; does not wait.
  ///
  /// - Parameter keep: how long it is good, on the machine's clock.
  func put(_ name: String, _ bytes: [UInt8], keep: Duration, lease: SecondLevelLease)

  /// Forgets a value, and has every node's caches that follow the topic forget the subject; does not wait.
  ///
  /// What cannot be told now is told when it can be.
  func drop(_ name: String, topic: String, subject: String)
}

/// What the second level had.
public enum SecondLevelFound: Sendable, Hashable {
  /// The bytes, and how long they are still good on the machine's clock.
  case value([UInt8], goodFor: Duration)
  /// Nothing; who loads it may put it with the lease.
  case missing(SecondLevelLease)
  /// It cannot be asked.
  case gone
}

/// Says how often a value had been dropped when it was looked for: who loaded it before a later drop may not put it.
public struct SecondLevelLease: Sendable, Hashable {
  public let count: Int
  public init(count: Int) { self.count = count }
}

/// How the values of one cache are shared with other nodes.
public struct SecondLevelUse<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  let level: any SecondLevel
  let signals: any Signals
  let topic: String
  let name: @Sendable (Key) -> String?
  let subject: @Sendable (Key) -> String
  let key: @Sendable (String) -> Key?
  let encode: @Sendable (Value) -> [UInt8]
  let decode: @Sendable (Key, [UInt8]) -> Value?
  /// How many times as fast as the machine's clock the cache's runs.
  let speed: Double

  /// - Parameters:
  ///   - topic: the cache's name among those of all services, such as `catalog.menu`.
  ///   - name: what a value is kept under; nothing while that is not known, and the value not shared.
  ///   - subject: what names the key to other nodes, and `key` reads again.
  ///   - decode: the value in the bytes; `nil` for bytes of another version.
  /// - Returns: nothing for a process alone.
  public init?(
    _ shared: Neighbourhood, topic: String, speed: Double, name: @escaping @Sendable (Key) -> String?,
    subject: @escaping @Sendable (Key) -> String, key: @escaping @Sendable (String) -> Key?, encode: @escaping @Sendable (Value) -> [UInt8],
    decode: @escaping @Sendable (Key, [UInt8]) -> Value?
  ) {
    guard shared.isShared else { return nil }
    level = shared.level
    signals = shared.signals
    self.topic = topic
    self.speed = speed
    self.name = name
    self.subject = subject
    self.key = key
    self.encode = encode
    self.decode = decode
  }
}

/// No second level: a process alone.
struct NoSecondLevel: SecondLevel {
  func find(_ name: String) async -> SecondLevelFound { .gone }
  func put(_ name: String, _ bytes: [UInt8], keep: Duration, lease: SecondLevelLease) {}
  func drop(_ name: String, topic: String, subject: String) {}
}
