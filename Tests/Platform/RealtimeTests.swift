import Kernel
import Realtime
import ServiceKit
import Synchronization
import TestKit
import Testing
import Wire

@Suite struct RealtimeTests {
  final class Ear: Channels.Listener {
    let heard = Mutex<[String]>([])
    func deliver(_ frame: [UInt8]) { heard.withLock { $0.append(String(decoding: frame, as: UTF8.self)) } }
    var numbers: [Int] { heard.withLock { $0.compactMap { $0.split(separator: #""data":"#).last.flatMap { Int($0.dropLast()) } } } }
  }

  private let time = ManualTime()
  private func channels(keep: Int = 4) -> Channels { Channels(epoch: "e1", time: time.source, keep: keep) }

  @Test func aClientThatComesBackGetsWhatItMissed() {
    let channels = channels()
    let ear = Ear()
    let cursor = channels.join("order:1", cursor: nil, ear).cursor
    channels.leave("order:1", ear)
    for number in 1...3 { channels.publish("t", to: "order:1", number) }
    let (joined, here) = channels.join("order:1", cursor: cursor, ear)
    #expect(joined == .resumed)
    #expect(here == "e1-3")
    #expect(ear.numbers == [1, 2, 3])
  }

  @Test(arguments: [
    ("e0-1", "another run"), ("e1-99", "the future"), ("nonsense", "no cursor"), ("e1-0", "too old"), ("e1--5", "below zero"), ("", "empty")
  ])
  func aCursorOfNoUseMeansFetchAgain(_ cursor: String, _ why: String) {
    let channels = channels()
    for number in 1...20 { channels.publish("t", to: "order:1", number) }
    let ear = Ear()
    #expect(channels.join("order:1", cursor: cursor, ear).joined == .refetch, "\(why)")
    #expect(ear.numbers.isEmpty)
    channels.publish("t", to: "order:1", 21)
    #expect(ear.numbers == [21])
  }

  @Test func aForgottenChannelNeverCountsFromTheStart() async {
    let channels = channels()
    for number in 1...5 { channels.publish("t", to: "order:1", number) }
    await time.advance(by: .seconds(100))
    channels.sweep(olderThan: .seconds(50))
    for number in 6...7 { channels.publish("t", to: "order:1", number) }
    // A cursor of before the sweep would name frames of after it, if the count had begun again.
    #expect(channels.join("order:1", cursor: "e1-2", Ear()).joined == .refetch)
    #expect(channels.join("order:1", cursor: "e1-5", Ear()).joined == .resumed)
    #expect(channels.join("order:1", cursor: nil, Ear()).cursor == "e1-7")
  }

  @Test func whatMayHaveBeenMissedIsFetchedByWhoListensAndByWhoComesBack() {
    let channels = channels()
    let (listening, away) = (Ear(), Ear())
    channels.publish("t", to: "order:1", 1)
    let cursor = channels.join("order:1", cursor: nil, away).cursor
    channels.leave("order:1", away)
    let unopened = channels.join("order:2", cursor: nil, away).cursor
    channels.leave("order:2", away)
    channels.sweep(olderThan: .zero)
    channels.join("order:3", cursor: nil, listening) { joined, _ in Array(joined.rawValue.utf8) }
    channels.mayHaveMissed()
    #expect(listening.heard.withLock { $0.last?.contains("refetch") } == true)
    #expect(channels.join("order:1", cursor: cursor, away).joined == .refetch)
    #expect(channels.join("order:2", cursor: unopened, away).joined == .refetch)
    channels.publish("t", to: "order:3", 2)
    #expect(listening.numbers == [2], "and what comes next is told as ever")
  }

  @Test func aChannelWithListenersIsNotForgotten() async {
    let channels = channels()
    let ear = Ear()
    let cursor = channels.join("order:1", cursor: nil, ear).cursor
    await time.advance(by: .seconds(100))
    channels.sweep(olderThan: .seconds(50))
    channels.publish("t", to: "order:1", 1)
    #expect(ear.numbers == [1])
    #expect(channels.join("order:1", cursor: cursor, Ear()).joined == .resumed)
  }

  @Test func passingFramesAreNotKeptAndMakeNoGap() {
    let channels = channels()
    let ear = Ear()
    let cursor = channels.join("order:1", cursor: nil, ear).cursor
    channels.publish("t", to: "order:1", 1)
    channels.publish("t", to: "order:1", encoded: encode(100), isKept: false)
    channels.publish("t", to: "order:1", 2)
    #expect(ear.numbers == [1, 100, 2])
    let late = Ear()
    #expect(channels.join("order:1", cursor: cursor, late).joined == .resumed)
    #expect(late.numbers == [1, 2])
    #expect(channels.publish("t", to: "order:2", encoded: encode(1), isKept: false) == 0)
  }

  @Test func memoryIsBounded() {
    let channels = Channels(epoch: "e", time: time.source, keep: 4, maximumChannels: 100, shards: 4)
    let ear = Ear()
    channels.join("order:held", cursor: nil, ear)
    for number in 0..<10_000 { channels.publish("t", to: "order:\(number)", number) }
    channels.publish("t", to: "order:held", 1)
    #expect(ear.numbers == [1])
    #expect(channels.join("order:0", cursor: "e-1", Ear()).joined == .refetch)
  }

  @Test func theGreetingComesFirst() {
    let channels = channels()
    channels.publish("t", to: "order:1", 1)
    let ear = Ear()
    channels.join("order:1", cursor: "e1-0", ear) { joined, cursor in Array("\(joined.rawValue) \(cursor)".utf8) }
    #expect(ear.heard.withLock { $0.first } == "resumed e1-1")
    #expect(ear.numbers == [1])
  }
}

/// The rules of cursors between nodes, with a fan-out that the test plays.
@Suite struct RealtimeFanoutTests {
  private final class PlayedFanout: Fanout {
    let sent = Mutex<[FanoutFrame]>([])
    func start(_ channels: Channels) {}
    func send(_ frame: FanoutFrame) { sent.withLock { $0.append(frame) } }
    func nextID() -> String { "id" }
    let rejoins = Mutex(0)
    func rejoin() { rejoins.withLock { $0 += 1 } }
  }

  @Test func aNodeThatMayHaveMissedSomethingListensAnew() {
    let channels = channels()
    channels.mayHaveMissed()
    #expect(fanout.rejoins.withLock { $0 } == 1)
  }

  private let time = ManualTime()
  private let fanout = PlayedFanout()
  private func channels(joined: Int? = 1000) -> Channels {
    let channels = Channels(epoch: "e1", time: time.source, keep: 4, fanout: fanout)
    if let joined { channels.isJoined(since: joined) }
    return channels
  }

  private func give(_ channels: Channels, _ number: Int, generation: Int = 5, at moment: Int? = nil, id: String? = nil) {
    channels.deliver(
      FanoutFrame(type: "t", channel: "c", data: encode(number), isKept: true, id: id ?? "\(generation)/\(number)"),
      mark: FanoutMark(generation: generation, number: number, time: moment ?? 1000 + 10 * number))
  }

  @Test func aFrameOnlyTheFanoutCountsGoesNowhereElse() {
    let channels = channels()
    let ear = RealtimeTests.Ear()
    channels.join("c", cursor: nil, ear)
    channels.publish("t", to: "c", 1)
    #expect(ear.numbers.isEmpty)
    #expect(fanout.sent.withLock { $0.count } == 1)
  }

  @Test func aGapIsToldAndCountsOn() {
    let channels = channels()
    let ear = RealtimeTests.Ear()
    channels.join("c", cursor: nil, ear)
    give(channels, 1)
    give(channels, 2)
    give(channels, 4)
    let heard = ear.heard.withLock { $0 }
    #expect(heard.count == 4)
    #expect(heard[2].contains(#""cursor":"g.5-3","data":{"joined":"refetch"}"#))
    #expect(heard[3].contains(#""cursor":"g.5-4""#))
    #expect(channels.join("c", cursor: "g.5-2", RealtimeTests.Ear()).joined == .refetch)
    #expect(channels.join("c", cursor: "g.5-3", RealtimeTests.Ear()).joined == .resumed)
  }

  @Test func aCountThatWentBackIsAGapToo() {
    let channels = channels()
    let ear = RealtimeTests.Ear()
    channels.join("c", cursor: nil, ear)
    for number in 1...3 { give(channels, number) }
    give(channels, 3, id: "another")
    #expect(ear.heard.withLock { $0[3] }.contains("refetch"))
    #expect(ear.heard.withLock { $0[4] }.contains(#""cursor":"g.5-3""#))
  }

  @Test func anotherGenerationFromItsStartIsNoGap() {
    let channels = channels()
    let ear = RealtimeTests.Ear()
    channels.join("c", cursor: nil, ear)
    give(channels, 1)
    give(channels, 1, generation: 6, at: 2000)
    #expect(ear.heard.withLock { $0.allSatisfy { !$0.contains("refetch") } })
    #expect(channels.join("c", cursor: "g.5-1", RealtimeTests.Ear()).joined == .refetch)
    #expect(channels.join("c", cursor: nil, RealtimeTests.Ear()).cursor == "g.6-1")
  }

  @Test(arguments: [(999, Channels.Joined.refetch, 0), (1000, .resumed, 3), (1015, .resumed, 2), (1030, .resumed, 0)])
  func aCursorOfAMomentGetsWhatCameAfterIt(_ moment: Int, _ joined: Channels.Joined, _ count: Int) {
    let channels = channels()
    for number in 1...3 { give(channels, number) }
    let ear = RealtimeTests.Ear()
    #expect(channels.join("c", cursor: "t.\(moment)-0", ear).joined == joined)
    #expect(ear.numbers.count == count)
  }

  @Test func aNodeThatJoinedLateSendsOlderCursorsToFetch() {
    let channels = channels()
    give(channels, 7)
    #expect(channels.join("c", cursor: "g.5-6", RealtimeTests.Ear()).joined == .resumed)
    #expect(channels.join("c", cursor: "g.5-5", RealtimeTests.Ear()).joined == .refetch)
    for number in 8...30 { give(channels, number) }
    #expect(channels.join("c", cursor: "t.1000-0", RealtimeTests.Ear()).joined == .refetch, "some since then are not kept any more")
    #expect(channels.join("c", cursor: "g.5-29", RealtimeTests.Ear()).joined == .resumed)
  }

  @Test func apartAFrameIsDeliveredHereUnderAnotherEpochAndJoiningTellsAllToFetch() {
    let channels = channels()
    let ear = RealtimeTests.Ear()
    channels.join("c", cursor: nil, ear)
    give(channels, 1)
    channels.isApart()
    let lost = FanoutFrame(type: "t", channel: "c", data: encode(2), isKept: true, id: "x")
    channels.deliver(lost, mark: nil)
    channels.deliver(lost, mark: nil)
    #expect(ear.numbers == [1, 2], "the same frame is not told twice")
    #expect(ear.heard.withLock { $0.last ?? "" }.contains(#""cursor":"e1-1""#))
    #expect(channels.join("c", cursor: "g.5-1", RealtimeTests.Ear()).joined == .refetch)
    channels.isJoined(since: 5000)
    #expect(ear.heard.withLock { $0.last ?? "" }.contains(#""cursor":"t.5000-0","data":{"joined":"refetch"}"#))
    #expect(channels.join("c", cursor: "e1-1", RealtimeTests.Ear()).joined == .refetch)
    // A second time apart counts on, so that a cursor of the first is never taken for one of it.
    channels.isApart()
    channels.deliver(FanoutFrame(type: "t", channel: "c", data: encode(3), isKept: true, id: "y"), mark: nil)
    #expect(ear.heard.withLock { $0.last ?? "" }.contains(#""cursor":"e1-2""#))
  }

  @Test func aChannelForgottenWhileJoinedKnowsWhatItForgot() async {
    let channels = channels()
    for number in 1...3 { give(channels, number) }
    await time.advance(by: .seconds(100))
    channels.sweep(olderThan: .seconds(50))
    #expect(channels.join("c", cursor: "t.1000-0", RealtimeTests.Ear()).joined == .refetch)
    #expect(channels.join("c", cursor: nil, RealtimeTests.Ear()).cursor == "t.1030-0")
  }
}
