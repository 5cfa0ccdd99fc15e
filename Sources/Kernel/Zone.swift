import Foundation
import Synchronization

/// An IANA time zone whose changes of offset are known beforehand, so that local time is arithmetic only.
public final class Zone: Sendable {
  /// The IANA name, such as `Europe/Berlin`.
  public let name: String
  /// From which millisecond on which offset in seconds holds, ascending; the first has held since ever.
  private let starts: [Int]
  private let offsets: [Int]
  private let foundation: TimeZone

  /// The years that are kept; outside, Foundation is asked.
  private static let covered = LocalDate(1990, 1, 1).dayNumber * 86_400_000..<LocalDate(2090, 1, 1).dayNumber * 86_400_000
  private static let cache = Mutex<[String: Zone]>([:])

  /// The zone of an IANA name; `nil` for anything else, such as `GMT+5` or `EST`.
  public static func named(_ name: String) -> Zone? {
    if let known = cache.withLock({ $0[name] }) { return known }
    guard name == "UTC" || name.contains("/"), name.utf8.count <= 64, name.utf8.allSatisfy(isNameByte), let foundation = TimeZone(identifier: name)
    else { return nil }
    let zone = Zone(name: name, foundation)
    cache.withLock { $0[name] = zone }
    return zone
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"): true
    default: false
    }
  }

  public static let utc = Zone(name: "UTC", TimeZone(secondsFromGMT: 0)!)

  private init(name: String, _ foundation: TimeZone) {
    self.name = name
    self.foundation = foundation
    func offset(_ milliseconds: Int) -> Int { foundation.secondsFromGMT(for: Date(timeIntervalSince1970: Double(milliseconds) / 1000)) }
    var starts = [Int.min]
    var offsets = [offset(Self.covered.lowerBound)]
    // No zone changes twice within three days, so a step of three days finds every change, and halving finds its second.
    var before = Self.covered.lowerBound
    while before < Self.covered.upperBound {
      let after = before + 3 * 86_400_000
      if offset(after) != offsets.last {
        var (low, high) = (before, after)
        while high - low > 1000 {
          let middle = (low + high) / 2000 * 1000
          if offset(middle) == offsets.last { low = middle } else { high = middle }
        }
        starts.append(high)
        offsets.append(offset(after))
      }
      before = after
    }
    self.starts = starts
    self.offsets = offsets
  }

  /// Seconds that local time is ahead of UTC.
  public func offsetSeconds(at instant: Instant) -> Int {
    guard Self.covered.contains(instant.milliseconds) else {
      return foundation.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000))
    }
    return offsets[index(at: instant.milliseconds)]
  }

  /// What clock and calendar on the wall show.
  public func local(_ instant: Instant) -> LocalTime { LocalTime(instant.milliseconds + offsetSeconds(at: instant) * 1000) }

  /// The first moment after `instant` at which the offset changes, within the years that are kept.
  public func nextTransition(after instant: Instant) -> Instant? {
    guard Self.covered.contains(instant.milliseconds) else { return nil }
    let next = index(at: instant.milliseconds) + 1
    return next < starts.count ? Instant(milliseconds: starts[next]) : nil
  }

  /// The moments at which the wall shows this time: one, two where the clock goes back over it, and where it jumps over it
  /// the moment of the jump.
  public func instants(of local: LocalTime) -> [Instant] {
    // The offsets that hold a day before and a day after are all that can matter: no zone changes twice within two days.
    let early = offsetSeconds(at: Instant(milliseconds: local.milliseconds - 86_400_000 - offsets[0] * 1000))
    let late = offsetSeconds(at: Instant(milliseconds: local.milliseconds + 86_400_000 - offsets[0] * 1000))
    var found: [Instant] = []
    for offset in early == late ? [early] : [early, late] {
      let candidate = Instant(milliseconds: local.milliseconds - offset * 1000)
      if offsetSeconds(at: candidate) == offset { found.append(candidate) }
    }
    if found.isEmpty {
      let before = Instant(milliseconds: local.milliseconds - 86_400_000 - early * 1000)
      if let jump = nextTransition(after: before) { found.append(jump) }
    }
    return found.sorted()
  }

  private func index(at milliseconds: Int) -> Int {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= milliseconds { low = middle } else { high = middle }
    }
    return low
  }
}

extension Zone: Hashable {
  public static func == (left: Zone, right: Zone) -> Bool { left.name == right.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
