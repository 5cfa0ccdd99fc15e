public import Kernel
import Synchronization

/// The only source of ids and randomness of a service.
///
/// Ids are UUIDs of version 7 (RFC 9562, method 1): 48 bits of milliseconds, 12 bits that count within the millisecond, 62
/// random bits; those of one source ascend.
public final class IdentifierSource: Sendable {
  private struct State: Sendable {
    var generator: any RandomNumberGenerator & Sendable
    var milliseconds: UInt64 = 0
    var count: UInt64 = 0
  }

  private let state: Mutex<State>
  private let time: TimeSource

  /// - Parameter generator: seeded in tests; the system's, which is fit for secrets, otherwise.
  public init(time: TimeSource, generator: any RandomNumberGenerator & Sendable = BufferedRandomness()) {
    self.time = time
    state = Mutex(State(generator: generator))
  }

  public func next<Entity>(_: Identifier<Entity>.Type = Identifier<Entity>.self) -> Identifier<Entity> {
    let now = UInt64(max(0, time.now.milliseconds))
    return state.withLock { state in
      if now > state.milliseconds {
        state.milliseconds = now
        state.count = 0
      } else {
        state.count += 1
        if state.count > 0xFFF { state.milliseconds += 1; state.count = 0 }
      }
      let high = state.milliseconds << 16 | 0x7000 | state.count
      let low = state.generator.next() >> 2 | 0x8000_0000_0000_0000
      return Identifier(high: high, low: low)
    }
  }

  /// Sixty-four random bits.
  public func random() -> UInt64 { state.withLock { $0.generator.next() } }

  /// A random number within a range.
  public func random(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(random() % UInt64(range.count))
  }

  /// A secret word of `count` characters out of a-z, 0-9 without those easily confused (32 letters: 5 bits each).
  public func word(_ count: Int) -> String {
    let letters = Array("abcdefghjkmnpqrstuvwxyz023456789")
    return String((0..<count).map { _ in letters[Int(random() % 32)] })
  }
}
