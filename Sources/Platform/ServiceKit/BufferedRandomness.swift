#if canImport(Glibc)
  import Glibc
#endif

/// The machine's own randomness, fit for secrets, fetched some at a time: a call of the kernel for each id would be felt.
public struct BufferedRandomness: RandomNumberGenerator, Sendable {
  private var words: [UInt64] = []

  public init() {}

  public mutating func next() -> UInt64 {
    if words.isEmpty { words = Self.fetch(64) }
    return words.removeLast()
  }

  private static func fetch(_ count: Int) -> [UInt64] {
    #if canImport(Glibc)
      return [UInt64](unsafeUninitializedCapacity: count) { buffer, filled in
        guard let start = buffer.baseAddress else { return }
        arc4random_buf(start, count * 8)  // glibc 2.36: the kernel's generator, and it cannot fail.
        filled = count
      }
    #else
      var system = SystemRandomNumberGenerator()
      return (0..<count).map { _ in system.next() }
    #endif
  }
}
