/// Why a command has no answer.
public enum RedisFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// Redis refused it, with these words.
  case refused(String)
  /// Redis cannot be reached; nothing was sent.
  case down(String)
  /// Too many commands wait already; nothing was sent.
  case full
  /// No answer came in time; it may have been done.
  case timedOut
  /// The connection died before the answer came; it may have been done.
  case lost
  /// The client was closed.
  case closed

  public var description: String {
    switch self {
    case .refused(let words): "Redis refused: \(words)"
    case .down(let reason): "Redis cannot be reached (\(reason))"
    case .full: "too many commands wait for Redis"
    case .timedOut: "Redis did not answer in time"
    case .lost: "the connection to Redis died before the answer came"
    case .closed: "the Redis client is closed"
    }
  }
}
