public import Kernel

/// The only way a service knows or waits for time.
///
/// A server under test or simulation gets one that runs faster than the wall, or stands still until it is moved.
public struct TimeSource: Sendable {
  private let read: @Sendable () -> Instant
  private let wait: @Sendable (Duration) async throws -> Void
  /// How many seconds of this time pass in one second of the machine's; what talks to the outside divides by it.
  public let speed: Double

  public init(
    speed: Double = 1, now: @escaping @Sendable () -> Instant, sleep: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.speed = speed
    read = now
    wait = sleep
  }

  /// The wall clock of this time, UTC.
  public var now: Instant { read() }

  /// Waits until the duration has passed on this time; throws `CancellationError` when the task is cancelled.
  public func sleep(for duration: Duration) async throws { try await wait(duration) }

  /// The time of a machine, running `speed` times as fast from the moment of the call.
  ///
  /// - Parameters:
  ///   - clock: what passes; the machine's continuous clock outside of tests.
  ///   - start: the wall clock at the moment of the call.
  public static func scaled(by speed: Double = 1, from start: Instant, on clock: some Clock<Duration> = ContinuousClock()) -> TimeSource {
    let origin = clock.now
    return TimeSource(
      speed: speed,
      now: { Instant(milliseconds: start.milliseconds + Int(origin.duration(to: clock.now).milliseconds * speed)) },
      sleep: { try await clock.sleep(until: clock.now.advanced(by: $0 / speed), tolerance: nil) })
  }
}

extension Duration {
  /// The whole and broken milliseconds.
  public var milliseconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) * 1000 + Double(attoseconds) / 1e15
  }

  public var seconds: Double { milliseconds / 1000 }
}

extension Instant {
  public static func + (instant: Instant, duration: Duration) -> Instant {
    Instant(milliseconds: instant.milliseconds + Int(duration.milliseconds))
  }
  public static func - (instant: Instant, duration: Duration) -> Instant {
    Instant(milliseconds: instant.milliseconds - Int(duration.milliseconds))
  }
  /// How long after `other` this is; negative when before.
  public func since(_ other: Instant) -> Duration { .milliseconds(milliseconds - other.milliseconds) }
}
