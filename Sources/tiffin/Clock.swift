import Foundation
import Kernel
import ServiceKit
import Settings

/// The one place where a process gets its clock.
enum Clock {
  /// The time of the machine, whatever the speed of the services'.
  static func machineTime() -> TimeSource { .scaled(by: 1, from: Instant(milliseconds: Int(Date().timeIntervalSince1970 * 1000))) }

  /// The time of this installation: the machine's, or one that runs `clock.speed` times as fast since `clock.origin`.
  ///
  /// The origin makes a sped-up clock agree between processes, and go on where it was after a restart.
  static func time(_ settings: SettingsSource) throws -> TimeSource {
    let speed = try settings.number(
      "clock.speed", default: 1, within: 0.01...10_000, "How many times as fast as the machine's the clock runs; 1 outside of simulations.")
    let written = settings.text(
      "clock.origin", default: "", "The moment, RFC 3339, at which a sped-up clock and the machine's agreed; empty: the start.")
    let wall = Instant(milliseconds: Int(Date().timeIntervalSince1970 * 1000))
    guard !written.isEmpty else { return .scaled(by: speed, from: wall) }
    var text = written
    guard let origin = text.withUTF8({ Instant(utf8: $0) }) else {
      throw SettingsFault(name: "clock.origin", problem: "must be a time such as 2026-11-21T13:12:59Z, not \"\(written)\"")
    }
    let passed = Double(wall.milliseconds - origin.milliseconds) * speed
    return .scaled(by: speed, from: Instant(milliseconds: origin.milliseconds + Int(passed)))
  }
}
