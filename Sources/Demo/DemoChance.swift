import Kernel
import Synchronization

/// The chance of one bot: the same seed and name give the same choices.
final class DemoChance: Sendable {
  private let state: Mutex<UInt64>

  init(seed: UInt64, _ name: String) {
    // With the name in it every bot has a sequence of its own.
    var hash = StableHash(seed: seed &* 0x9E37_79B9_7F4A_7C15)
    hash.combine(name.utf8)
    state = Mutex(hash.value)
  }

  /// Sixty-four bits by SplitMix64.
  func bits() -> UInt64 {
    state.withLock { state in
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  func unit() -> Double { Double(bits() >> 11) / Double(1 << 53) }
  func between(_ low: Double, _ high: Double) -> Double { low + (high - low) * unit() }
  func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(bits() % UInt64(range.count)) }
  /// True that many times in a hundred.
  func happens(_ percent: Double) -> Bool { unit() * 100 < percent }
  func pick<Element>(_ elements: [Element]) -> Element { elements[number(0...elements.count - 1)] }

  /// That many different elements, in their own order.
  func sample<Element>(_ elements: [Element], _ count: Int) -> [Element] {
    var indices = Array(elements.indices)
    while indices.count > count { indices.remove(at: number(0...indices.count - 1)) }
    return indices.map { elements[$0] }
  }

  func word(_ count: Int) -> String {
    let letters = Array("abcdefghjkmnpqrstuvwxyz23456789")
    return String((0..<count).map { _ in pick(letters) })
  }

  func seconds(_ low: Double, _ high: Double) -> Duration { .milliseconds(Int(between(low, high) * 1000)) }
}
