import Kernel
import ServiceKit
import TestKit
import Testing

@testable import MessagingKafka

/// What a consumer of Kafka may commit, in whatever order its subscriber is done with what it has.
@Suite struct KafkaProgressTests {
  /// Committed is what has nothing open before it; what was told twice, or never delivered, changes nothing.
  @Test(arguments: UInt64(1)...20)
  func nothingIsCommittedPastWhatIsOpen(seed: UInt64) {
    var random = SeededGenerator(seed)
    var progress = PartitionProgress()
    var delivered: [Int64] = []
    var done: Set<Int64> = []
    var last = Int64.random(in: 0...1000, using: &random)
    for step in 0..<1000 {
      if Bool.random(using: &random) {
        // Offsets have gaps where a log was compacted.
        last += Int64.random(in: 1...3, using: &random)
        progress.deliver(last)
        delivered.append(last)
      } else if let offset = delivered.suffix(Int.random(in: 1...40, using: &random)).randomElement(using: &random) {
        progress.finish(offset)
        done.insert(offset)
      }
      let firstOpen = delivered.firstIndex { !done.contains($0) } ?? delivered.count
      let next = firstOpen == 0 ? nil : delivered[firstOpen - 1] + 1
      #expect(progress.next == next && progress.open == delivered.count { !done.contains($0) }, "seed \(seed), step \(step)")
      if Int.random(in: 0..<50, using: &random) == 0 {
        progress.committed = progress.next
        #expect(progress.uncommitted == nil)
        // The oldest that is open at last ends too, so that the window moves on.
        if firstOpen < delivered.count { finish(delivered[firstOpen], &progress, &done) }
      }
    }
  }

  private func finish(_ offset: Int64, _ progress: inout PartitionProgress, _ done: inout Set<Int64>) {
    progress.finish(offset)
    done.insert(offset)
  }

  @Test func whatWasPublishedTwiceIsDoneTwice() {
    let ids = ManualTime().ids()
    let (event, other): (EventID, EventID) = (ids.next(), ids.next())
    var origins = Origins()
    origins.add(Origin(partition: 0, offset: 7), of: event)
    origins.add(Origin(partition: 0, offset: 8), of: other)
    origins.add(Origin(partition: 1, offset: 3), of: event)
    let handled = HandledOffsets()
    let open = OpenOffsets(origins, handled)
    for id in [event, other, event, event, other] { open.done(id) }
    #expect(Set(handled.take()) == [Origin(partition: 0, offset: 7), Origin(partition: 1, offset: 3), Origin(partition: 0, offset: 8)])
    #expect(handled.take().isEmpty)
  }
}
