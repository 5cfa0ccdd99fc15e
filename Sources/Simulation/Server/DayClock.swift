import GatewayAPI
public import Kernel
public import ServiceKit
import WebClient
import Wire

/// Minutes of an instance's day on the clock of the server, which may run many times as fast as ours.
public struct DayClock: Sendable {
  /// The server's clock, as seen from here.
  public let time: TimeSource
  /// The moment of minute `firstMinute`.
  public let start: Instant
  public let firstMinute: Int

  public init(time: TimeSource, start: Instant, firstMinute: Int) {
    self.time = time
    self.start = start
    self.firstMinute = firstMinute
  }

  /// The broken minutes of the day that have passed.
  public var minute: Double { minute(of: time.now) }

  public func minute(of instant: Instant) -> Double {
    Double(firstMinute) + Double(instant.milliseconds - start.milliseconds) / 60_000
  }

  public func instant(minute: Double) -> Instant {
    Instant(milliseconds: start.milliseconds + Int((minute - Double(firstMinute)) * 60_000))
  }

  /// Waits until a minute of the day; returns at once when it has passed.
  public func wait(until minute: Double) async throws {
    let left = instant(minute: minute).since(time.now)
    if left > .zero { try await time.sleep(for: left) }
  }

  /// Asks a server for its clock, several times, and trusts the quickest answer.
  static func time(of client: WebClient) async throws -> (time: TimeSource, uncertaintyMilliseconds: Double) {
    let clock = ContinuousClock()
    var best: (trip: Duration, middle: ContinuousClock.Instant, health: Health)?
    for _ in 0..<9 {
      let asked = clock.now
      let health = try await client.get("/api/health", as: Health.self)
      let trip = asked.duration(to: clock.now)
      if best.map({ trip < $0.trip }) ?? true { best = (trip, asked.advanced(by: trip / 2), health) }
    }
    guard let best else { throw NoAnswer(request: "GET /api/health", reason: "no answer") }
    let speed = best.health.speed
    let origin = best.middle
    let start = best.health.time
    let time = TimeSource(
      speed: speed,
      now: { Instant(milliseconds: start.milliseconds + Int(origin.duration(to: clock.now).milliseconds * speed)) },
      sleep: { try await clock.sleep(until: clock.now.advanced(by: $0 / speed), tolerance: nil) })
    return (time, best.trip.milliseconds / 2)
  }
}
