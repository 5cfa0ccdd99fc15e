/// A hash that is the same in every process and in every run, as Swift's own `Hasher` is not (FNV-1a, 64 bits).
///
/// For lanes, shards and names of content. It is no defence: whoever wants two values with one hash finds them.
public struct StableHash: Hashable, Sendable {
  /// The hash of what was combined up to now.
  public var value: UInt64

  /// - Parameter seed: different seeds give different hashes of the same bytes.
  @inlinable
  public init(seed: UInt64 = 0) { value = 0xcbf2_9ce4_8422_2325 ^ seed }

  /// Takes the bytes in, in their order.
  @inlinable
  public mutating func combine(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  /// The hash of the bytes.
  @inlinable
  public static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var hash = StableHash()
    hash.combine(bytes)
    return hash.value
  }

  /// The hash of the text's UTF-8.
  @inlinable
  public static func of(_ text: String) -> UInt64 { of(text.utf8) }
}
