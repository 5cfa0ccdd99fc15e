import Passwords
import ServiceKit
import Testing

struct PasswordHasherTests {
  private let hasher = PasswordHasher(cost: 4, atOnce: 2, waiting: 100)

  @Test func aHashKnowsItsPasswordOnly() async throws {
    let hash = try await hasher.hash("correct horse", salt: (1, 2))
    #expect(hash.hasPrefix("$2b$04$") && hash.utf8.count == 60)
    #expect(try await hasher.verify("correct horse", against: hash))
    for wrong in ["correct hors", "correct horse ", "Correct horse", "", "correct horse\u{0}x", String(repeating: "x", count: 73)] {
      #expect(try await !hasher.verify(wrong, against: hash))
    }
    #expect(try await hasher.hash("correct horse", salt: (3, 4)) != hash)
  }

  @Test func aHashOfAnotherProgramIsUnderstood() async throws {
    // From crypt_blowfish's own test vectors.
    #expect(try await hasher.verify("U*U", against: "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"))
  }

  @Test func whatBcryptCannotTellApartIsNotHashed() {
    #expect(PasswordHasher.canHash(String(repeating: "x", count: 72)))
    #expect(!PasswordHasher.canHash(String(repeating: "x", count: 73)))
    #expect(!PasswordHasher.canHash(String(repeating: "é", count: 37)))
    #expect(!PasswordHasher.canHash("a\u{0}b"))
  }

  @Test func nobodyTakesAsLongAsSomebody() async throws {
    let slow = PasswordHasher(cost: 8, atOnce: 1, waiting: 10)
    let hash = try await slow.hash("correct horse", salt: (1, 2))
    let clock = ContinuousClock()
    // The shortest of several runs, since other tests share the processor.
    func shortest(_ hash: String?) async throws -> Duration {
      var best = Duration.seconds(100)
      for _ in 0..<5 { best = min(best, try await clock.measure { _ = try await slow.verify("wrong", against: hash) }) }
      return best
    }
    // An answer without hashing would be a thousand times as fast; ten leaves room for a busy machine.
    let (known, unknown) = (try await shortest(hash), try await shortest(nil))
    #expect(unknown > known / 10)
  }

  @Test func whoFindsNoPlaceIsTurnedAway() async throws {
    let narrow = PasswordHasher(cost: 11, atOnce: 1, waiting: 2)
    let results = await withTaskGroup(of: Bool?.self) { group in
      for index in 0..<20 {
        group.addTask {
          do { return try await narrow.hash("password", salt: (UInt64(index), 0)).hasPrefix("$2b$11$") } catch is Unavailable { return nil } catch {
            return false
          }
        }
      }
      return await group.reduce(into: [Bool?]()) { $0.append($1) }
    }
    #expect(!results.contains(false))
    #expect(results.contains(true) && results.contains(nil))
    #expect(try await narrow.hash("password", salt: (1, 1)).utf8.count == 60, "there is room again afterwards")
  }
}
