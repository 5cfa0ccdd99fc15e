import Testing

@testable import Identity

struct RecentValuesTests {
  @Test func itNeverGrowsBeyondItsLimit() {
    let values = RecentValues<Int, Int>(limit: 100)
    for key in 0..<10_000 {
      values.put(key, for: key)
      // In use all the time, and therefore never forgotten.
      #expect(values[0] == 0)
    }
    #expect(values.count <= 101)
    #expect(values[9_999] == 9_999)
    #expect(values[5] == nil)
  }
}
