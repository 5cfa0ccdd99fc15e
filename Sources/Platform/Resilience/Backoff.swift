public import ServiceKit

/// How long to wait before trying again: longer each time, and never exactly as long as others do.
public struct Backoff: Sendable, Hashable {
  public var first: Duration
  public var factor: Double
  public var most: Duration

  public init(first: Duration, factor: Double = 2, most: Duration) {
    self.first = first
    self.factor = factor
    self.most = most
  }

  /// The pause after the `attempt`th failure, counted from 1: between half and all of the exponential pause.
  ///
  /// - Parameter random: any 64 bits.
  public func pause(after attempt: Int, random: UInt64) -> Duration {
    var whole = first.milliseconds
    for _ in 1..<max(1, min(attempt, 64)) where whole < most.milliseconds { whole *= factor }
    whole = min(whole, most.milliseconds)
    let part = Double(random >> 11) / Double(1 << 53)
    return .milliseconds(Int(whole / 2 + whole / 2 * part))
  }
}

/// Whether trying later makes sense after this error.
public func isPassing(_ error: any Error) -> Bool {
  if error is Unavailable { return true }
  return (error as? any PassedOn)?.unavailable != nil
}

/// Runs the body up to `attempts` times, while its errors are ones that pass.
public func retrying<Value>(
  attempts: Int, _ backoff: Backoff, time: TimeSource, ids: IdentifierSource, while passes: (any Error) -> Bool = isPassing,
  _ body: () async throws -> Value
) async throws -> Value {
  var attempt = 1
  while true {
    do { return try await body() } catch {
      guard attempt < attempts, passes(error) else { throw error }
      try await time.sleep(for: backoff.pause(after: attempt, random: ids.random()))
      attempt += 1
    }
  }
}
