import CachingRedis
import Foundation
import Kernel
import Realtime
import ServiceKit
import Synchronization
import TestKit
import Testing
import Wire

/// Notes the frames of a channel and checks, as a client does, that each count goes on without a gap.
final class Follower: Channels.Listener {
  struct Heard { var type: String; var cursor: String; var text: String }
  let heard = Mutex<[Heard]>([])
  let gaps = Mutex<[String]>([])
  private let last = Mutex<(epoch: Substring, number: Int)?>(nil)

  func deliver(_ frame: [UInt8]) {
    let text = String(decoding: frame, as: UTF8.self)
    func field(_ name: String) -> String {
      text.components(separatedBy: "\"\(name)\":\"").dropFirst().first?.components(separatedBy: "\"").first ?? ""
    }
    let (type, cursor) = (field("type"), field("cursor"))
    let dash = cursor.lastIndex(of: "-") ?? cursor.startIndex
    let (epoch, number) = (cursor[..<dash], Int(cursor[cursor.index(after: dash)...]) ?? -1)
    last.withLock { last in
      if type != "subscribed", let last, last.epoch == epoch, number != last.number + 1 {
        gaps.withLock { $0.append("\(cursor) after \(last.epoch)-\(last.number)") }
      }
      last = (epoch, number)
    }
    heard.withLock { $0.append(Heard(type: type, cursor: cursor, text: text)) }
  }

  var numbers: [Int] {
    heard.withLock { $0.compactMap { $0.text.split(separator: "\"data\":").last.flatMap { Int($0.dropLast()) } } }
  }
  var refetches: Int { heard.withLock { $0.count { $0.type == "subscribed" && $0.text.contains("refetch") } } }
  var cursor: String { heard.withLock { $0.last?.cursor ?? "" } }
}

@Suite(.serialized) struct FanoutTests {
  private func join(_ channels: Channels, _ name: String = "order:1", cursor: String? = nil) -> (Follower, Channels.Joined, String) {
    let follower = Follower()
    let (joined, here) = channels.join(name, cursor: cursor, follower) { Channels.greeting($0, name, cursor: $1) }
    return (follower, joined, here)
  }

  private func with(_ body: (Nodes, Channels, Channels) async throws -> Void) async throws {
    try await Nodes.with { nodes async throws in
      let channels = [
        Channels(epoch: "nodea", time: wallTime, fanout: nodes.a.fanout), Channels(epoch: "nodeb", time: wallTime, fanout: nodes.b.fanout)
      ]
      try await eventually(within: .seconds(60), "both hear all") { self.bothHearAll(channels) }
      try await body(nodes, channels[0], channels[1])
    }
  }

  /// A node that hears all gives cursors that count from a moment.
  private func bothHearAll(_ channels: [Channels]) -> Bool {
    channels.allSatisfy { channels in
      let ear = Follower()
      defer { channels.leave("probe", ear) }
      return !channels.join("probe", cursor: nil, ear).cursor.hasPrefix("node")
    }
  }

  @Test func framesOfOneNodeReachTheOthersInOrderUnderOneCount() async throws {
    try await with { nodes, a, b async throws in
      let (here, _, _) = join(a)
      let (there, joined, start) = join(b)
      #expect(joined == .fresh)
      for number in 0..<500 { (number % 2 == 0 ? a : b).publish("t", to: "order:1", number) }
      try await eventually(within: .seconds(60), "all are there") { there.numbers.count == 500 && here.numbers.count == 500 }
      #expect(here.numbers == there.numbers, "both in the one order")
      #expect(here.numbers.filter { $0 % 2 == 0 } == Array(stride(from: 0, to: 500, by: 2)), "each node's own order is kept")
      #expect(here.gaps.withLock { $0 } == [] && there.gaps.withLock { $0 } == [])

      // A client goes from one node to the other and misses nothing.
      b.leave("order:1", there)
      for number in 500..<510 { a.publish("t", to: "order:1", number) }
      try await eventually(within: .seconds(60), "the rest") { here.numbers.count == 510 }
      let (again, how, _) = join(a, cursor: there.cursor)
      #expect(how == .resumed)
      #expect(again.numbers == Array(500..<510))
      // One that had heard nothing yet has missed too much by now to be told; on a quiet channel it has missed nothing.
      #expect(join(a, cursor: start).1 == .refetch)
      // What stands in the cursor of a quiet channel goes on with the time; a node that listens since before then knows better.
      try await eventually(within: .seconds(15), "a cursor that the other node takes") {
        let cursor = join(b, "order:quiet").2
        return join(a, "order:quiet", cursor: cursor).1 == .resumed
      }
      let quiet = join(b, "order:quiet").2
      for number in 0..<3 { b.publish("t", to: "order:quiet", number) }
      try await eventually(within: .seconds(60), "three") { join(a, "order:quiet", cursor: quiet).0.numbers == [0, 1, 2] }
      // A node's own cursor, of while it was apart, is of no use elsewhere.
      #expect(join(a, cursor: "nodeb-1").1 == .refetch)
    }
  }

  @Test func whatEveryNodeTellsIsToldOnce() async throws {
    try await with { nodes, a, b async throws in
      let (here, there) = (join(a).0, join(b).0)
      for number in 0..<50 { for node in [a, b] { tell(node, number) } }
      try await eventually(within: .seconds(60), "fifty") { here.numbers.count >= 50 && there.numbers.count >= 50 }
      a.publish("t", to: "order:1", 99)
      try await eventually(within: .seconds(60), "the last") { here.numbers.last == 99 && there.numbers.last == 99 }
      #expect(here.numbers == Array(0..<50) + [99])
      #expect(there.numbers == here.numbers)
      // What passes is not counted, and reaches all.
      b.publish("t", to: "order:1", encoded: encode(7), isKept: false)
      try await eventually(within: .seconds(60), "passing") { here.numbers.last == 7 && there.numbers.last == 7 }
      // What each node tells by itself stays there.
      b.publish("t", to: "order:1", encoded: encode(8), isKept: false, reach: .here)
      b.publish("t", to: "order:1", 9)
      try await eventually(within: .seconds(60), "nine") { here.numbers.last == 9 && there.numbers.last == 9 }
      #expect(Array(here.numbers.suffix(2)) == [7, 9])
      #expect(Array(there.numbers.suffix(3)) == [7, 8, 9])
    }
  }

  private func tell(_ node: Channels, _ number: Int) {
    node.publish("t", to: "order:1", encoded: encode(number), id: "event\(number)", turn: FanoutFrame.Turn(of: "order 1", number + 1))
  }

  @Test func whatComesLateIsNotToldAfterWhatFollowsIt() async throws {
    try await with { nodes, a, b async throws in
      let (here, there) = (join(a).0, join(b).0)
      tell(a, 0)
      tell(a, 2)
      try await eventually(within: .seconds(60), "two") { here.numbers == [0, 2] && there.numbers == [0, 2] }
      // The first node has missed 1, and the other is behind: nobody hears the past after the present, and everybody is told to fetch it.
      for number in 0...3 { tell(b, number) }
      try await eventually(within: .seconds(60), "the rest") { here.numbers.last == 3 && there.numbers.last == 3 }
      #expect(here.numbers == [0, 2, 3])
      #expect(there.numbers == here.numbers)
      #expect(here.refetches == 1 && there.refetches == 1)
      // Told once is told, whoever comes behind.
      for number in 0...3 { tell(a, number) }
      tell(a, 4)
      try await eventually(within: .seconds(60), "four") { here.numbers == [0, 2, 3, 4] && there.numbers == here.numbers }
      #expect(here.refetches == 1 && there.refetches == 1)
      // Another's news are counted by themselves.
      b.publish("t", to: "order:1", encoded: encode(77), id: "other", turn: FanoutFrame.Turn(of: "order 2", 1))
      try await eventually(within: .seconds(60), "another") { here.numbers.last == 77 && there.numbers.last == 77 }
    }
  }

  @Test func whereOneNodeCouldNotShareTheOthersAreToldToFetch() async throws {
    try await with { nodes, a, b async throws in
      let (here, there) = (join(a).0, join(b).0)
      a.publish("t", to: "order:1", 1)
      try await eventually(within: .seconds(60), "one") { there.numbers == [1] }
      // Writes wait, listening goes on: what waits for too long is told as lost to who sent it.
      try nodes.server.cli("CLIENT", "PAUSE", "8000", "WRITE")
      a.publish("t", to: "order:1", 2)
      try await eventually(within: .seconds(60), "at home") { here.numbers == [1, 2] }
      try await eventually(within: .seconds(60), "told to fetch again") { there.refetches == 1 }
      b.publish("t", to: "order:1", 3)
      try await eventually(within: .seconds(60), "three") { here.numbers.last == 3 && there.numbers.last == 3 }
      #expect(here.gaps.withLock { $0 } == [] && there.gaps.withLock { $0 } == [])
    }
  }

  @Test func withoutRedisEachNodeGoesOnAndAfterwardsAllFetchAgain() async throws {
    try await with { nodes, a, b async throws in
      let (here, there) = (join(a).0, join(b).0)
      let isOver = Mutex(false)
      async let load: Int = {
        var number = 0
        while !isOver.withLock({ $0 }) {
          a.publish("t", to: "order:1", number)
          number += 1
          try? await Task.sleep(for: .milliseconds(1))
        }
        return number
      }()
      try await eventually(within: .seconds(60), "flowing") { there.numbers.count > 50 }
      try await nodes.isGone()
      let before = here.numbers.count
      try await eventually(within: .seconds(60), "going on at home") { here.numbers.count > before + 100 }
      let refetches = (here.refetches, there.refetches)
      try await nodes.isBack()
      try await eventually(within: .seconds(60), "told to fetch again") { here.refetches > refetches.0 && there.refetches > refetches.1 }
      let after = there.numbers.count
      try await eventually(within: .seconds(60), "flowing again") { there.numbers.count > after + 50 }
      isOver.withLock { $0 = true }
      let sent = await load
      try await eventually(within: .seconds(60), "the last") { here.numbers.last == sent - 1 && there.numbers.last == sent - 1 }
      #expect(here.gaps.withLock { $0 } == [] && there.gaps.withLock { $0 } == [])
      // At home nothing came twice and nothing out of order; what is missing was before the word to fetch again.
      #expect(here.numbers == here.numbers.sorted() && Set(here.numbers).count == here.numbers.count)
      #expect(there.numbers == there.numbers.sorted() && Set(there.numbers).count == there.numbers.count)
    }
  }
}
