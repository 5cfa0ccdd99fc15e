import Kernel
import Testing

/// ETags, advisory locks and lanes hang on these numbers: a new version of the program must find the same ones.
@Suite("Stable hash") struct KernelHashTests {
  @Test(
    "is FNV-1a of 64 bits",
    arguments: [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)] as [(String, UInt64)])
  func vectors(text: String, hash: UInt64) {
    #expect(StableHash.of(text) == hash)
    #expect(StableHash.of(Array(text.utf8)) == hash)
  }

  @Test("takes bytes in piece by piece, and a seed makes others of it")
  func pieces() {
    var hash = StableHash()
    hash.combine("foo".utf8)
    hash.combine("bar".utf8)
    #expect(hash.value == StableHash.of("foobar"))
    var seeded = StableHash(seed: 1)
    seeded.combine("foobar".utf8)
    #expect(seeded.value != hash.value)
  }
}
