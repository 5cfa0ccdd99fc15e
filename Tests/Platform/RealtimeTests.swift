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
